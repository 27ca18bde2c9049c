//! The metrics of a host.

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::command_counters::CommandCounters;
use super::function_families::FunctionFamilies;
use super::functions_by_name::FunctionsByName;

/// The metrics of a host that are updated as things happen. The others are read when they are requested
/// ([`HostCollector`](super::host_collector::HostCollector)).
#[derive(Debug, Default)]
pub(crate) struct HostMetrics {
    pub(crate) commands: CommandCounters,
    pub(crate) appends_in_flight: Gauge,
    functions: FunctionFamilies,
}

impl HostMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        self.functions.register(registry);
        self.commands.register(registry);
        registry.register(
            "durable_appends_in_flight",
            "Appends of executions that the store has not acknowledged",
            self.appends_in_flight.clone(),
        );
    }

    /// Creates the metrics of functions, which are looked up by name.
    pub(crate) fn functions(&self) -> FunctionsByName {
        FunctionsByName::new(self.functions.clone())
    }
}
