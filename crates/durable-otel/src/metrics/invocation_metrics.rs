//! What an invocation measured.

use std::time::Duration;

use durable_core::plugin::{
    AttemptEnd, AttemptOutcome, CheckpointEnd, InvocationEnd, InvocationInfo, InvocationStatus, OperationEnd,
};
use durable_types::Timestamp;

/// What an invocation measured, collected from the hooks of its plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct InvocationMetrics {
    started: Timestamp,
    /// How the invocation ended.
    pub(crate) status: Option<InvocationStatus>,
    pub(crate) duration: Duration,
    /// How long the execution took, if it ended.
    pub(crate) execution_duration: Option<Duration>,
    /// The operations that had ended before the invocation.
    pub(crate) replayed_operations: usize,
    pub(crate) operations_ended: usize,
    pub(crate) operations_failed: usize,
    /// How long operations took that ended in this invocation, waits included.
    pub(crate) operation_durations: Vec<Duration>,
    pub(crate) attempt_durations: Vec<Duration>,
    pub(crate) attempts_failed: usize,
    /// The attempts after the first of their operation.
    pub(crate) retries: usize,
    pub(crate) checkpoint_latencies: Vec<Duration>,
    pub(crate) checkpoint_bytes: Vec<usize>,
    pub(crate) checkpoints_failed: usize,
    /// The sizes of the results that operations recorded.
    pub(crate) payload_bytes: Vec<usize>,
}

impl InvocationMetrics {
    /// Begins an invocation.
    pub(crate) fn new(invocation: &InvocationInfo<'_>) -> Self {
        let ended = invocation.operations.iter().filter(|operation| operation.status.is_terminal());
        Self { started: invocation.timestamp, replayed_operations: ended.count(), ..Self::default() }
    }

    pub(crate) fn operation_ended(&mut self, end: &OperationEnd<'_>) {
        let operation = end.operation;
        self.operations_ended = self.operations_ended.saturating_add(1);
        if !end.is_success() {
            self.operations_failed = self.operations_failed.saturating_add(1);
        }
        let times = operation.start_timestamp.zip(operation.end_timestamp);
        self.operation_durations.extend(times.map(|(start, end)| end.saturating_since(start)));
        self.payload_bytes.extend(end.result.map(str::len));
    }

    pub(crate) fn attempt_ended(&mut self, end: &AttemptEnd<'_>) {
        // The bodies of contexts are not attempts: they run again on each replay.
        let Some(number) = end.start.attempt else { return };
        if number > 1 {
            self.retries = self.retries.saturating_add(1);
        }
        if end.outcome == AttemptOutcome::Failed {
            self.attempts_failed = self.attempts_failed.saturating_add(1);
        }
        self.attempt_durations.push(end.timestamp.saturating_since(end.start.timestamp));
    }

    pub(crate) fn checkpoint_ended(&mut self, end: &CheckpointEnd<'_>) {
        if end.error.is_some() {
            self.checkpoints_failed = self.checkpoints_failed.saturating_add(1);
        }
        self.checkpoint_latencies.push(end.elapsed);
        self.checkpoint_bytes.push(end.bytes);
    }

    pub(crate) fn invocation_ended(&mut self, end: &InvocationEnd<'_>) {
        let invocation = end.invocation;
        self.status = Some(end.status);
        self.duration = invocation.timestamp.saturating_since(self.started);
        if let (true, Some(start)) = (end.status.is_terminal(), invocation.execution_start_timestamp) {
            self.execution_duration = Some(invocation.timestamp.saturating_since(start));
        }
    }
}
