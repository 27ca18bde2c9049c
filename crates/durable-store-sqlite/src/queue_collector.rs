//! The length of the queue in front of the thread that writes.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::sync::mpsc::WeakSender;

use super::writer::Job;

/// Reads the length of the queue when it is requested, for as long as the store is open.
#[derive(Debug)]
pub(super) struct QueueCollector(pub(super) WeakSender<Job>);

impl Collector for QueueCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(queue) = self.0.upgrade() else { return Ok(()) };
        let gauge = ConstGauge::new(queue.max_capacity().saturating_sub(queue.capacity()));
        let help = "Appends and deletions that wait for the next transaction.";
        gauge.encode(encoder.encode_descriptor(
            "durable_store_queue_length",
            help,
            None,
            gauge.metric_type(),
        )?)
    }
}
