//! The metrics of function processes.

use durable_host::metrics::buckets;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::function_process_metrics::{Exits, FunctionProcessMetrics};

/// A label set that names the function.
type ByFunction = [(&'static str, String); 1];

/// The metrics of the processes of a [`FunctionPool`](super::FunctionPool) and of their output.
///
/// It is a handle that is cheap to clone; clones share the metrics. Labels name the functions that were added to the
/// pool.
#[derive(Clone, Debug)]
pub struct ProcessMetrics {
    started: Family<ByFunction, Counter>,
    running: Family<ByFunction, Gauge>,
    exited: Family<[(&'static str, String); 2], Counter>,
    start_duration: Family<ByFunction, Histogram, fn() -> Histogram>,
    lines: Family<ByFunction, Counter>,
    dropped_lines: Family<ByFunction, Counter>,
}

impl ProcessMetrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "durable_processes_started",
            "Processes of functions that the service started",
            self.started.clone(),
        );
        registry.register(
            "durable_processes_running",
            "Processes of functions that have not exited",
            self.running.clone(),
        );
        registry.register(
            "durable_processes_exited",
            "Processes of functions that exited, by reason",
            self.exited.clone(),
        );
        registry.register_with_unit(
            "durable_process_start_duration",
            "Time from the start of a process to its first request for an invocation",
            Unit::Seconds,
            self.start_duration.clone(),
        );
        registry.register("durable_output_lines", "Lines that functions printed", self.lines.clone());
        registry.register(
            "durable_output_dropped_lines",
            "Lines of functions that were dropped because the reader of the output was too slow",
            self.dropped_lines.clone(),
        );
    }

    /// Returns the metrics of one function, which exist from then on.
    pub(super) fn of(&self, function: &str) -> FunctionProcessMetrics {
        let by_function = [("function", function.to_owned())];
        let exited = |reason: &str| {
            let labels = [("function", function.to_owned()), ("reason", reason.to_owned())];
            self.exited.get_or_create_owned(&labels)
        };
        FunctionProcessMetrics {
            started: self.started.get_or_create_owned(&by_function),
            running: self.running.get_or_create_owned(&by_function),
            exited: Exits {
                exited: exited("exited"),
                failed: exited("failed"),
                not_started: exited("not_started"),
                idle: exited("idle"),
                evicted: exited("evicted"),
                removed: exited("removed"),
                timed_out: exited("timed_out"),
                abandoned: exited("abandoned"),
                shutdown: exited("shutdown"),
            },
            start_duration: self.start_duration.get_or_create_owned(&by_function),
            lines: self.lines.get_or_create_owned(&by_function),
            dropped_lines: self.dropped_lines.get_or_create_owned(&by_function),
        }
    }
}

impl Default for ProcessMetrics {
    fn default() -> Self {
        Self {
            started: Family::default(),
            running: Family::default(),
            exited: Family::default(),
            start_duration: Family::new_with_constructor(buckets::durations),
            lines: Family::default(),
            dropped_lines: Family::default(),
        }
    }
}
