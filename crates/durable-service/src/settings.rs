//! The limits and delays of the service.

use std::time::Duration;

use durable_types::limits;

/// The limits and delays of the service.
///
/// The defaults follow AWS's service model; where it is silent, they are what a user would expect. Where AWS's sources
/// contradict each other, docs/architecture.md lists what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Maximum size in bytes of the operations in the payload of an invocation; the rest is read in pages. The
    /// execution itself, with its input, is always included.
    pub invocation_page_bytes: usize,
    /// Maximum number of operations in the payload of an invocation.
    pub invocation_page_items: usize,
    /// Maximum size in bytes of the operations in the response to a checkpoint, and in a page of the state.
    pub response_page_bytes: usize,
    /// Maximum number of operations in the response to a checkpoint.
    pub response_page_items: usize,
    /// Consecutive runtime errors that are retried at once before the backoff applies.
    pub runtime_error_retries: u32,
    /// The backoff after a failed invocation.
    pub handler_error_backoff: Backoff,
    /// Consecutive failed invocations before the execution fails; `None` retries until the execution times out.
    pub max_handler_errors: Option<u32>,
    /// Consecutive PENDING responses without a pending operation before the execution fails.
    pub max_idle_answers: u32,
    /// Maximum number of operations of an execution, which fails if it exceeds this.
    pub max_operations: usize,
    /// Maximum total size in bytes of the inputs, results and errors of an execution, which fails if it exceeds this.
    pub max_data_bytes: usize,
    /// Maximum size in bytes of the payload of an operation, and of the input and result of an asynchronous execution.
    pub max_operation_payload_bytes: usize,
    /// Maximum size in bytes of the input and result of a synchronous execution.
    pub max_execution_payload_bytes: usize,
    /// Maximum total size in bytes of the members of an error.
    pub max_error_bytes: usize,
    /// How long a client token identifies a retry.
    pub client_token_window: Duration,
    /// Default execution timeout in seconds.
    pub default_execution_timeout: u32,
    /// Default retention of ended executions in days.
    pub default_retention_days: u32,
    /// Whether every invocation receives a complete trace header, and every function that is called one with the span of the
    /// operation that calls it, even if no caller and no function has set one.
    pub propagate_traces: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            invocation_page_bytes: 5 * 1024 * 1024,
            invocation_page_items: usize::MAX,
            response_page_bytes: 5 * 1024 * 1024,
            response_page_items: usize::MAX,
            runtime_error_retries: 3,
            handler_error_backoff: Backoff::default(),
            max_handler_errors: None,
            max_idle_answers: 3,
            max_operations: limits::MAX_OPERATIONS,
            max_data_bytes: limits::MAX_EXECUTION_DATA_BYTES,
            max_operation_payload_bytes: limits::MAX_OPERATION_PAYLOAD_BYTES,
            max_execution_payload_bytes: limits::MAX_EXECUTION_PAYLOAD_BYTES,
            max_error_bytes: limits::MAX_OPERATION_PAYLOAD_BYTES,
            client_token_window: Duration::from_secs(limits::CLIENT_TOKEN_SECONDS),
            default_execution_timeout: limits::MAX_EXECUTION_SECONDS,
            default_retention_days: limits::DEFAULT_RETENTION_DAYS,
            propagate_traces: false,
        }
    }
}

impl Settings {
    /// Returns the maximum size in bytes of the input or the result of an execution.
    pub(crate) fn max_execution_bytes(&self, synchronous: bool) -> usize {
        if synchronous { self.max_execution_payload_bytes } else { self.max_operation_payload_bytes }
    }
}

/// Exponential backoff with a factor of 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first delay.
    pub initial: Duration,
    /// The maximum delay.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: Duration::from_secs(1), max: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// Returns the delay after a failure that was preceded by this many consecutive failures.
    pub fn delay(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.initial.saturating_mul(factor).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_maximum() {
        let backoff = Backoff { initial: Duration::from_secs(1), max: Duration::from_secs(300) };

        let delays = [0, 1, 2, 8, 9, 31, 32, u32::MAX].map(|failures| backoff.delay(failures).as_secs());

        assert_eq!(delays, [1, 2, 4, 256, 300, 300, 300, 300]);
    }
}
