//! What can be set about the service's rules.

use std::time::Duration;

use durable_types::limits;

/// The limits and the patience of the service.
///
/// The defaults are those of the service model; where it is silent, they are what a user would expect. Where AWS's
/// sources contradict each other, docs/architecture.md tells what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of operations in the payload of an invocation; the rest is read page by page. The execution itself, with
    /// its input, is always there.
    pub invocation_page_bytes: usize,
    /// Operations in the payload of an invocation.
    pub invocation_page_items: usize,
    /// Bytes of operations in the response to a checkpoint, and in a page of the state.
    pub response_page_bytes: usize,
    /// Operations in the response to a checkpoint.
    pub response_page_items: usize,
    /// How often in a row an invocation that the runtime lost is tried again at once.
    pub runtime_error_retries: u32,
    /// How long to wait after an invocation that failed.
    pub handler_error_backoff: Backoff,
    /// How many invocations in a row may fail before the execution does; none: as many as its timeout allows.
    pub max_handler_errors: Option<u32>,
    /// Which answer in a row that says that the execution waits, although it waits for nothing, ends the execution.
    pub max_idle_answers: u32,
    /// Operations in one execution; the one that goes beyond fails it.
    pub max_operations: usize,
    /// Bytes that everything written for one execution may have: inputs, results and errors, added up. What goes beyond
    /// fails it.
    pub max_data_bytes: usize,
    /// Bytes of the payload of an operation, and of the result of an execution that was started asynchronously.
    pub max_operation_payload_bytes: usize,
    /// Bytes of the input and the result of an execution that was started synchronously.
    pub max_execution_payload_bytes: usize,
    /// Bytes of the members of an error together.
    pub max_error_bytes: usize,
    /// How long a client token is remembered.
    pub client_token_window: Duration,
    /// Seconds that an execution may take if its function does not say.
    pub default_execution_timeout: u32,
    /// Days that an ended execution is kept if its function does not say.
    pub default_retention_days: u32,
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
        }
    }
}

impl Settings {
    /// Bytes that the input or the result of an execution may have.
    pub(crate) fn max_execution_bytes(&self, synchronous: bool) -> usize {
        if synchronous { self.max_execution_payload_bytes } else { self.max_operation_payload_bytes }
    }
}

/// Waiting times that double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first waiting time.
    pub initial: Duration,
    /// The longest waiting time.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: Duration::from_secs(1), max: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The waiting time after so many failures before this one.
    pub fn delay(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.initial.saturating_mul(factor).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waiting_time_doubles_up_to_its_maximum() {
        let backoff = Backoff { initial: Duration::from_secs(1), max: Duration::from_secs(300) };

        let delays = [0, 1, 2, 8, 9, 31, 32, u32::MAX].map(|failures| backoff.delay(failures).as_secs());

        assert_eq!(delays, [1, 2, 4, 256, 300, 300, 300, 300]);
    }
}
