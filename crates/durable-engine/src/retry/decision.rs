//! The decision whether to retry.

use std::time::Duration;

use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};

use super::invalid::whole_seconds;

/// Whether another attempt is made.
///
/// An `Option<Duration>` converts into it: `Some(delay)` retries, `None` stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// Retry after this delay, rounded up to whole seconds; at least 1 second and at most 366 days.
    After(Duration),
    /// Do not retry: the failure is final.
    Stop,
}

impl RetryDecision {
    /// Returns the delay before the next attempt, if there is one.
    pub fn delay(self) -> Option<Duration> {
        match self {
            Self::After(delay) => Some(delay),
            Self::Stop => None,
        }
    }

    /// Returns the delay in seconds, the unit of the service, clamped to its limits.
    pub(crate) fn delay_seconds(self) -> Option<u64> {
        self.delay().map(|delay| whole_seconds(delay).clamp(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS))
    }
}

impl From<Option<Duration>> for RetryDecision {
    fn from(delay: Option<Duration>) -> Self {
        delay.map_or(Self::Stop, Self::After)
    }
}
