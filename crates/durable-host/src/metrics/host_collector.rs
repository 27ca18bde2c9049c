//! Metrics of a host that are read when they are requested.

use std::fmt;

use durable_service::DispatcherCounts;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::host::{Host, WeakHost};

/// The number of executions by state, for as long as the host exists.
#[derive(Debug)]
struct HostCollector(WeakHost);

impl Host {
    /// Adds the metrics of this host to a registry: executions, commands, invocations, timers and queues.
    ///
    /// The registry does not keep the host alive. Register a host once.
    ///
    /// ```
    /// use durable_host::Host;
    /// use prometheus_client::encoding::text::encode;
    /// use prometheus_client::registry::Registry;
    ///
    /// fn metrics(host: &Host) -> Result<String, std::fmt::Error> {
    ///     let (mut registry, mut text) = (Registry::default(), String::new());
    ///     host.register_metrics(&mut registry);
    ///     encode(&mut text, &registry)?;
    ///     Ok(text)
    /// }
    /// ```
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics().register(registry);
        registry.register_collector(Box::new(HostCollector(self.downgrade())));
    }
}

impl Collector for HostCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(host) = self.0.upgrade() else { return Ok(()) };
        let DispatcherCounts { running, in_memory, loading, timers, held, .. } = host.counts();
        let gauges = [
            ("durable_executions_running", "Executions that have not ended and run or wait here.", running),
            ("durable_executions_in_memory", "Executions whose state is in memory.", in_memory),
            ("durable_executions_loading", "Executions that are being loaded from the store.", loading),
            ("durable_timers", "Executions with a timer.", timers),
            ("durable_invocations_held", "Invocations whose functions do not currently exist.", held),
            ("durable_tasks", "Tasks of the host, such as invocations and appends.", host.task_count()),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
