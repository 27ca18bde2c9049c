//! The schedule of attempts, shared by the strategies of retries and conditions.

use std::time::Duration;

use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};

use super::decision::RetryDecision;
use super::exponential::ExponentialBackoff;
use super::fixed::FixedDelay;
use super::invalid::{InvalidStrategy, whole_seconds};
use super::linear::LinearBackoff;

/// The number of attempts and the delays between them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Schedule {
    Once,
    Exponential(ExponentialBackoff),
    Linear(LinearBackoff),
    Fixed(FixedDelay),
}

impl Schedule {
    /// Checks that all options have valid values.
    pub(super) fn check(&self) -> Result<(), InvalidStrategy> {
        match self {
            Self::Once => Ok(()),
            Self::Exponential(backoff) => backoff.check(),
            Self::Linear(backoff) => backoff.check(),
            Self::Fixed(delay) => delay.check(),
        }
    }

    /// Decides whether another attempt follows these; `chance` is a fraction from 0 to 1.
    pub(super) fn decide(&self, attempts_made: u32, chance: f64) -> RetryDecision {
        if attempts_made >= self.max_attempts() {
            return RetryDecision::Stop;
        }
        let earlier = attempts_made.saturating_sub(1);
        let seconds = match self {
            Self::Once => return RetryDecision::Stop,
            Self::Exponential(backoff) => backoff.delay(earlier, chance),
            Self::Linear(backoff) => backoff.delay(earlier, chance),
            Self::Fixed(delay) => delay.delay(chance),
        };
        RetryDecision::After(accepted(seconds))
    }

    fn max_attempts(&self) -> u32 {
        match self {
            Self::Once => 1,
            Self::Exponential(backoff) => backoff.attempts(),
            Self::Linear(backoff) => backoff.attempts(),
            Self::Fixed(delay) => delay.attempts(),
        }
    }
}

/// Rounds up to a delay that the service accepts.
fn accepted(seconds: f64) -> Duration {
    // In a valid strategy, only jitter leads below the minimum delay, and nothing above the maximum.
    let seconds = Duration::try_from_secs_f64(seconds).map_or(MAX_DELAY_SECONDS, whole_seconds);
    Duration::from_secs(seconds.clamp(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS))
}
