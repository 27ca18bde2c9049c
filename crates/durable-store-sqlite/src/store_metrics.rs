//! The metrics of the thread that writes.

use std::time::Duration;

use durable_host::metrics::buckets;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::commit_size::CommitSize;

/// The metrics of the thread that writes.
#[derive(Clone, Debug)]
pub(super) struct StoreMetrics {
    committed: Counter,
    failed: Counter,
    requests: Histogram,
    events: Histogram,
    bytes: Counter,
    duration: Histogram,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        Self {
            committed: Counter::default(),
            failed: Counter::default(),
            requests: buckets::batch_sizes(),
            events: buckets::batch_sizes(),
            bytes: Counter::default(),
            duration: buckets::write_durations(),
        }
    }
}

impl StoreMetrics {
    /// Adds the metrics to a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "durable_store_commits",
            "Transactions that the store committed",
            self.committed.clone(),
        );
        registry.register(
            "durable_store_commit_failures",
            "Transactions of the store that failed",
            self.failed.clone(),
        );
        registry.register(
            "durable_store_commit_requests",
            "Appends and deletions in one transaction",
            self.requests.clone(),
        );
        registry.register("durable_store_commit_events", "Events in one transaction", self.events.clone());
        registry.register_with_unit(
            "durable_store_written",
            "Size of the written events as JSON, before compression",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register_with_unit(
            "durable_store_commit_duration",
            "Duration of a transaction, including the time until it is on disk",
            Unit::Seconds,
            self.duration.clone(),
        );
    }

    /// Returns the number of transactions that were committed.
    pub(super) fn commits(&self) -> u64 {
        self.committed.get()
    }

    pub(super) fn handle_committed(&self, size: CommitSize, duration: Duration) {
        self.committed.inc();
        self.requests.observe(as_f64(size.requests));
        self.events.observe(as_f64(size.events));
        self.bytes.inc_by(u64::try_from(size.bytes).unwrap_or(u64::MAX));
        self.duration.observe(duration.as_secs_f64());
    }

    pub(super) fn handle_failed(&self) {
        self.failed.inc();
    }
}

/// Converts the size of a batch, which is far below the limits of either type.
fn as_f64(size: usize) -> f64 {
    f64::from(u32::try_from(size).unwrap_or(u32::MAX))
}
