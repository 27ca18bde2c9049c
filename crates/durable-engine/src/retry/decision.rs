//! Whether an attempt is followed by another.

use std::time::Duration;

use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};

use super::invalid::whole_seconds;

/// Whether another attempt is made.
///
/// `None` and `Some(delay)` convert into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// After this delay, rounded up to whole seconds; at least 1 second and at most 366 days.
    After(Duration),
    /// Never: the failure is final.
    Stop,
}

impl RetryDecision {
    /// The delay before the next attempt, if there is one.
    pub fn delay(self) -> Option<Duration> {
        match self {
            Self::After(delay) => Some(delay),
            Self::Stop => None,
        }
    }

    /// The delay in seconds, the unit of the service, and within its limits.
    pub(crate) fn delay_seconds(self) -> Option<u64> {
        self.delay().map(|delay| whole_seconds(delay).clamp(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS))
    }
}

impl From<Option<Duration>> for RetryDecision {
    fn from(delay: Option<Duration>) -> Self {
        delay.map_or(Self::Stop, Self::After)
    }
}
