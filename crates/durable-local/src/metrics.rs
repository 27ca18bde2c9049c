//! The metrics of a service, which its parts register in one registry.

use std::sync::Arc;

use durable_functions::ProcessMetrics;
use durable_http::{ByteBudget, HttpMetrics};
use durable_types::Timestamp;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::process_collector::ProcessCollector;

/// The metrics of a service that starts.
///
/// Each part of the service counts what it knows and registers it here, so that no part depends on another for its
/// metrics, and there is no global registry: a program may contain several services.
pub(crate) struct Metrics {
    pub(crate) registry: Registry,
    pub(crate) processes: ProcessMetrics,
}

impl Metrics {
    /// Begins with what the service knows by itself.
    pub(crate) fn new(now: Timestamp) -> Self {
        let (mut registry, processes) = (Registry::default(), ProcessMetrics::default());
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("durable_build", "Version of the service", Info::new(version));
        registry.register_with_unit(
            "durable_start_time",
            "Time at which the service started, since the Unix epoch",
            Unit::Seconds,
            ConstGauge::new(now.saturating_since(Timestamp::EPOCH).as_secs_f64()),
        );
        registry.register_collector(Box::new(ProcessCollector));
        processes.register(&mut registry);
        Self { registry, processes }
    }

    /// Adds the metrics of the HTTP API, and returns them with the complete registry.
    pub(crate) fn into_registry(mut self, bodies: &ByteBudget) -> (HttpMetrics, Arc<Registry>) {
        let http = HttpMetrics::default();
        http.register(bodies, &mut self.registry);
        (http, Arc::new(self.registry))
    }
}
