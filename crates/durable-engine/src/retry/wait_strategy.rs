//! The strategy for checking a condition repeatedly.

use std::time::Duration;

use super::decision::RetryDecision;
use super::exponential::ExponentialBackoff;
use super::fixed::FixedDelay;
use super::invalid::InvalidStrategy;
use super::linear::LinearBackoff;
use super::schedule::Schedule;
use crate::identity::OperationId;
use crate::jitter;

/// The number of checks of a condition, and the delay after each check that finds it unmet.
///
/// The default makes 60 checks, with delays that start at 5 seconds, grow by half up to 5 minutes, and have full
/// jitter.
///
/// ```
/// use std::time::Duration;
/// use durable_engine::WaitStrategy;
///
/// let hourly = WaitStrategy::fixed(Duration::from_hours(1)).max_attempts(48);
/// let eager = WaitStrategy::exponential().initial_delay(Duration::from_secs(1)).backoff_rate(3.0);
/// # let _ = (hourly, eager);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WaitStrategy(Schedule);

impl WaitStrategy {
    /// Creates a strategy with delays that grow by a factor; defaults to 60 checks, 5 seconds, a factor of 1.5, at most
    /// 5 minutes, and full jitter.
    pub const fn exponential() -> ExponentialBackoff {
        ExponentialBackoff::new(60, 1.5)
    }

    /// Creates a strategy with delays that grow by an amount; defaults to 60 checks, 1 second, 1 second more each time,
    /// at most 5 minutes, and full jitter.
    pub const fn linear() -> LinearBackoff {
        LinearBackoff::new(60)
    }

    /// Creates a strategy with the same delay after each check; defaults to an unlimited number of checks and no
    /// jitter.
    pub const fn fixed(delay: Duration) -> FixedDelay {
        FixedDelay::new(u32::MAX, delay)
    }

    /// Checks that all options have valid values.
    pub fn validate(&self) -> Result<(), InvalidStrategy> {
        self.0.check()
    }

    /// Decides whether a condition is checked again after this many checks found it unmet.
    ///
    /// The decision is a pure function of its arguments, from which jitter is derived.
    pub fn decide(&self, execution_arn: &str, operation: OperationId, checks_made: u32) -> RetryDecision {
        self.0.decide(checks_made, jitter::fraction(execution_arn, operation, checks_made))
    }
}

impl Default for WaitStrategy {
    fn default() -> Self {
        Self::exponential().into()
    }
}

impl From<ExponentialBackoff> for WaitStrategy {
    fn from(backoff: ExponentialBackoff) -> Self {
        Self(Schedule::Exponential(backoff))
    }
}

impl From<LinearBackoff> for WaitStrategy {
    fn from(backoff: LinearBackoff) -> Self {
        Self(Schedule::Linear(backoff))
    }
}

impl From<FixedDelay> for WaitStrategy {
    fn from(delay: FixedDelay) -> Self {
        Self(Schedule::Fixed(delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::Jitter;

    fn delays(strategy: impl Into<WaitStrategy>) -> Vec<u64> {
        let WaitStrategy(schedule) = strategy.into();
        let delay = |checks| match schedule.decide(checks, 0.0) {
            RetryDecision::After(delay) => Some(delay.as_secs()),
            RetryDecision::Stop => None,
        };
        (1..100).map_while(delay).collect()
    }

    #[test]
    fn the_default_makes_sixty_checks_with_delays_that_grow_by_half_up_to_five_minutes() {
        let delays = delays(WaitStrategy::exponential().jitter(Jitter::None));

        assert_eq!(WaitStrategy::default(), WaitStrategy::exponential().into());
        assert_eq!(delays.len(), 59);
        assert_eq!(delays[..4], [5, 8, 12, 17]);
        assert_eq!(delays[58], 300);
    }

    #[test]
    fn fixed_delays_have_no_end_unless_it_is_set() {
        assert_eq!(delays(WaitStrategy::fixed(Duration::from_secs(9))), [9; 99]);
        assert_eq!(delays(WaitStrategy::fixed(Duration::from_secs(9)).max_attempts(3)), [9, 9]);
    }
}
