//! The metrics of one function.

use durable_types::ExecutionStatus;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use crate::invocation_outcome::InvocationOutcome;

/// The metrics of one function, whose labels are resolved once, so that counting takes atomic additions alone.
#[derive(Debug)]
pub(crate) struct FunctionMetrics {
    pub(super) started: Counter,
    pub(super) ended: Ends,
    pub(super) queued: Gauge,
    pub(super) in_flight: Gauge,
    pub(super) invocations: Outcomes,
    pub(super) duration: Histogram,
    pub(super) queue_duration: Histogram,
}

/// The executions that ended, by status.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) succeeded: Counter,
    pub(super) failed: Counter,
    pub(super) timed_out: Counter,
    pub(super) stopped: Counter,
}

/// The invocations that ended, by outcome.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) answered: Counter,
    pub(super) function_error: Counter,
    pub(super) runtime_error: Counter,
    pub(super) timed_out: Counter,
    pub(super) withdrawn: Counter,
    pub(super) aborted: Counter,
}

impl FunctionMetrics {
    /// Counts a new execution, once its start is recorded.
    pub(crate) fn handle_started(&self) {
        self.started.inc();
    }

    /// Counts the end of an execution with a status, once it is recorded.
    pub(crate) fn handle_ended(&self, status: &ExecutionStatus) {
        let counter = match status {
            ExecutionStatus::Succeeded => &self.ended.succeeded,
            ExecutionStatus::Failed => &self.ended.failed,
            ExecutionStatus::TimedOut => &self.ended.timed_out,
            ExecutionStatus::Stopped => &self.ended.stopped,
            // No execution ends with another status.
            _ => return,
        };
        counter.inc();
    }
}

impl Outcomes {
    pub(super) fn count(&self, outcome: InvocationOutcome) {
        let counter = match outcome {
            InvocationOutcome::Answered => &self.answered,
            InvocationOutcome::FunctionError => &self.function_error,
            InvocationOutcome::RuntimeError => &self.runtime_error,
            InvocationOutcome::TimedOut => &self.timed_out,
            InvocationOutcome::Withdrawn => &self.withdrawn,
            InvocationOutcome::Aborted => &self.aborted,
        };
        counter.inc();
    }
}
