//! The metric families with a label for the function.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::buckets;
use super::function_metrics::{Ends, FunctionMetrics, Outcomes};

/// A label set that names the function.
type ByFunction = [(&'static str, String); 1];

/// A label set that names the function and one more property.
type ByFunctionAnd = [(&'static str, String); 2];

/// The metric families with a label for the function.
#[derive(Clone, Debug)]
pub(super) struct FunctionFamilies {
    started: Family<ByFunction, Counter>,
    ended: Family<ByFunctionAnd, Counter>,
    queued: Family<ByFunction, Gauge>,
    in_flight: Family<ByFunction, Gauge>,
    invocations: Family<ByFunctionAnd, Counter>,
    duration: Family<ByFunction, Histogram, fn() -> Histogram>,
    queue_duration: Family<ByFunction, Histogram, fn() -> Histogram>,
}

impl Default for FunctionFamilies {
    fn default() -> Self {
        Self {
            started: Family::default(),
            ended: Family::default(),
            queued: Family::default(),
            in_flight: Family::default(),
            invocations: Family::default(),
            duration: Family::new_with_constructor(buckets::durations),
            queue_duration: Family::new_with_constructor(buckets::durations),
        }
    }
}

impl FunctionFamilies {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("durable_executions_started", "Executions that started", self.started.clone());
        registry.register("durable_executions_ended", "Executions that ended, by status", self.ended.clone());
        registry.register(
            "durable_invocations_queued",
            "Invocations that wait for a process or a permit of their function",
            self.queued.clone(),
        );
        registry.register(
            "durable_invocations_in_flight",
            "Invocations that their function received and has not responded to",
            self.in_flight.clone(),
        );
        registry.register(
            "durable_invocations",
            "Invocations that ended, by outcome",
            self.invocations.clone(),
        );
        registry.register_with_unit(
            "durable_invocation_duration",
            "Time from the delivery of an invocation to its end",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register_with_unit(
            "durable_invocation_queue_duration",
            "Time for which an invocation waited for a process or a permit of its function",
            Unit::Seconds,
            self.queue_duration.clone(),
        );
    }

    /// Returns the metrics of one function, which exist from then on.
    pub(super) fn of(&self, function: &str) -> FunctionMetrics {
        let by_function = [("function", function.to_owned())];
        let and = |label, value: &str| [("function", function.to_owned()), (label, value.to_owned())];
        let ended = |status| self.ended.get_or_create_owned(&and("status", status));
        let outcome = |outcome| self.invocations.get_or_create_owned(&and("outcome", outcome));
        FunctionMetrics {
            started: self.started.get_or_create_owned(&by_function),
            ended: Ends {
                succeeded: ended("SUCCEEDED"),
                failed: ended("FAILED"),
                timed_out: ended("TIMED_OUT"),
                stopped: ended("STOPPED"),
            },
            queued: self.queued.get_or_create_owned(&by_function),
            in_flight: self.in_flight.get_or_create_owned(&by_function),
            invocations: Outcomes {
                answered: outcome("answered"),
                function_error: outcome("function_error"),
                runtime_error: outcome("runtime_error"),
                timed_out: outcome("timed_out"),
                withdrawn: outcome("withdrawn"),
                aborted: outcome("aborted"),
            },
            duration: self.duration.get_or_create_owned(&by_function),
            queue_duration: self.queue_duration.get_or_create_owned(&by_function),
        }
    }
}
