//! Failures of the store, and the backoff after them.

use std::time::Duration;

use durable_types::api::ServiceError;

/// The delay before the first retry; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(200);
/// The maximum delay, so that executions resume soon after the disk has room again.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// A failed append, read or deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error that waiting requests receive.
    pub error: ServiceError,
    /// Whether a retry may succeed.
    pub is_transient: bool,
}

/// Returns the delay before the retry that follows this many consecutive failures.
pub(super) fn retry_delay(failures: u32) -> Duration {
    let factor = 2_u32.checked_pow(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_DELAY.saturating_mul(factor).min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_delay_doubles_up_to_its_maximum() {
        let delays: Vec<_> = (1..100).map(retry_delay).collect();

        assert_eq!(delays[..3], [200, 400, 800].map(Duration::from_millis));
        assert!(delays.is_sorted());
        assert_eq!(delays.last(), Some(&MAX_DELAY));
    }
}
