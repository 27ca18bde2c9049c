//! The memory that bodies hold, which is read when it is requested.

use std::fmt;

use durable_http_body::ByteBudget;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Reads the memory that bodies hold.
#[derive(Debug)]
pub(super) struct BodyCollector(pub(super) ByteBudget);

impl Collector for BodyCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let gauges = [
            ("durable_body", "Memory that the bodies of requests and responses hold.", self.0.held()),
            ("durable_body_limit", "Memory that ordinary bodies may hold together.", self.0.limit()),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            let unit = Some(&Unit::Bytes);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
