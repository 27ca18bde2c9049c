//! The strategy for retrying failed attempts.

use std::time::Duration;

use super::decision::RetryDecision;
use super::exponential::ExponentialBackoff;
use super::fixed::FixedDelay;
use super::invalid::InvalidStrategy;
use super::linear::LinearBackoff;
use super::schedule::Schedule;
use crate::identity::OperationId;
use crate::jitter;

/// The number of attempts at an operation that fails, and the delay after each failure.
///
/// The default makes 6 attempts, with delays that start at 5 seconds, double up to a minute, and have full jitter. Each
/// constructor returns a builder with the options that apply to it, and every builder converts into a `RetryStrategy`.
/// Delays are rounded up to whole seconds, the unit of the service.
///
/// An invalid value, such as an initial delay above the maximum delay, is an error of the operation that uses the
/// strategy: it fails with an `InvalidArgumentError` before it is recorded.
///
/// ```
/// use std::time::Duration;
/// use durable_engine::{Jitter, RetryStrategy};
///
/// let patient = RetryStrategy::exponential()
///     .max_attempts(10)
///     .initial_delay(Duration::from_secs(1))
///     .max_delay(Duration::from_mins(30))
///     .jitter(Jitter::Half);
/// let steady = RetryStrategy::fixed(Duration::from_secs(10)).max_attempts(3);
/// let never = RetryStrategy::none();
/// # let _ = (patient, steady, never);
/// ```
///
/// Options that do not apply do not exist:
///
/// ```compile_fail
/// # use std::time::Duration;
/// # use durable_engine::RetryStrategy;
/// let strategy = RetryStrategy::fixed(Duration::from_secs(10)).backoff_rate(2.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryStrategy(Schedule);

impl RetryStrategy {
    /// Creates a strategy with delays that grow by a factor; defaults to 3 attempts, 5 seconds, a factor of 2, at most
    /// 5 minutes, and full jitter.
    pub const fn exponential() -> ExponentialBackoff {
        ExponentialBackoff::new(3, 2.0)
    }

    /// Creates a strategy with delays that grow by an amount; defaults to 6 attempts, 1 second, 1 second more each
    /// time, at most 5 minutes, and full jitter.
    pub const fn linear() -> LinearBackoff {
        LinearBackoff::new(6)
    }

    /// Creates a strategy with the same delay after each failure; defaults to 5 attempts and no jitter.
    pub const fn fixed(delay: Duration) -> FixedDelay {
        FixedDelay::new(5, delay)
    }

    /// Returns a strategy without retries.
    pub const fn none() -> Self {
        Self(Schedule::Once)
    }

    /// Checks that all options have valid values.
    pub fn validate(&self) -> Result<(), InvalidStrategy> {
        self.0.check()
    }

    /// Decides whether an operation is retried after this many attempts, all of which failed.
    ///
    /// The decision is a pure function of its arguments, from which jitter is derived.
    pub fn decide(&self, execution_arn: &str, operation: OperationId, attempts_made: u32) -> RetryDecision {
        self.0.decide(attempts_made, jitter::fraction(execution_arn, operation, attempts_made))
    }
}

impl Default for RetryStrategy {
    fn default() -> Self {
        Self::exponential().max_attempts(6).max_delay(Duration::from_mins(1)).into()
    }
}

impl From<ExponentialBackoff> for RetryStrategy {
    fn from(backoff: ExponentialBackoff) -> Self {
        Self(Schedule::Exponential(backoff))
    }
}

impl From<LinearBackoff> for RetryStrategy {
    fn from(backoff: LinearBackoff) -> Self {
        Self(Schedule::Linear(backoff))
    }
}

impl From<FixedDelay> for RetryStrategy {
    fn from(delay: FixedDelay) -> Self {
        Self(Schedule::Fixed(delay))
    }
}

#[cfg(test)]
mod tests {
    use durable_types::limits::MAX_DELAY_SECONDS;

    use super::*;
    use crate::retry::Jitter;

    const SECOND: Duration = Duration::from_secs(1);

    fn delays(strategy: impl Into<RetryStrategy>, chance: f64) -> Vec<u64> {
        let RetryStrategy(schedule) = strategy.into();
        let delay = |attempts| match schedule.decide(attempts, chance) {
            RetryDecision::After(delay) => Some(delay.as_secs()),
            RetryDecision::Stop => None,
        };
        (1..).map_while(delay).collect()
    }

    fn problem(strategy: impl Into<RetryStrategy>) -> String {
        strategy.into().validate().unwrap_err().to_string()
    }

    #[test]
    fn the_default_makes_six_attempts_with_delays_that_double_up_to_a_minute() {
        assert_eq!(delays(RetryStrategy::default(), 1.0), [5, 10, 20, 40, 60]);
    }

    #[test]
    fn exponential_delays_grow_by_the_factor_up_to_the_longest() {
        let strategy = RetryStrategy::exponential().initial_delay(2 * SECOND).backoff_rate(3.0);

        let delays = delays(strategy.max_delay(20 * SECOND).max_attempts(5).jitter(Jitter::None), 0.0);

        assert_eq!(delays, [2, 6, 18, 20]);
    }

    #[test]
    fn linear_delays_grow_by_the_increment_up_to_the_longest() {
        let linear = RetryStrategy::linear().jitter(Jitter::None);
        let steep = linear.clone().initial_delay(3 * SECOND).increment(5 * SECOND).max_delay(15 * SECOND);

        assert_eq!(delays(linear, 0.0), [1, 2, 3, 4, 5]);
        assert_eq!(delays(steep, 0.0), [3, 8, 13, 15, 15]);
    }

    #[test]
    fn fixed_delays_stay_the_same() {
        assert_eq!(delays(RetryStrategy::fixed(7 * SECOND), 0.9), [7, 7, 7, 7]);
    }

    #[test]
    fn without_retry_the_first_failure_is_final() {
        assert_eq!(delays(RetryStrategy::none(), 0.5), Vec::<u64>::new());
    }

    #[test]
    fn jitter_takes_all_or_half_of_the_delay_and_rounds_up_to_a_second() {
        let once = RetryStrategy::fixed(10 * SECOND).max_attempts(2);

        assert_eq!(delays(once.clone().jitter(Jitter::Full), 0.0), [1]);
        assert_eq!(delays(once.clone().jitter(Jitter::Full), 0.55), [6]);
        assert_eq!(delays(once.clone().jitter(Jitter::Half), 0.0), [5]);
        assert_eq!(delays(once.jitter(Jitter::Half), 0.99), [10]);
    }

    #[test]
    fn delays_are_rounded_up_to_whole_seconds() {
        let strategy = RetryStrategy::fixed(Duration::from_millis(1_500)).max_attempts(2);

        assert_eq!(RetryStrategy::from(strategy.clone()).validate(), Ok(()));
        assert_eq!(delays(strategy, 0.0), [2]);
    }

    #[test]
    fn the_longest_delay_that_the_service_accepts_is_valid_and_a_longer_one_is_not() {
        let longest = Duration::from_secs(MAX_DELAY_SECONDS);

        assert_eq!(delays(RetryStrategy::fixed(longest).max_attempts(2), 0.0), [MAX_DELAY_SECONDS]);
        assert_eq!(RetryStrategy::from(RetryStrategy::fixed(longest)).validate(), Ok(()));
        let problem = problem(RetryStrategy::fixed(longest + SECOND));
        assert_eq!(problem, "`delay` is 31622401s, but delays take from 1 second to 366 days");
    }

    #[test]
    fn no_attempt_at_all_is_invalid() {
        let (exponential, linear) = (RetryStrategy::exponential(), RetryStrategy::linear());
        let expected = "`max_attempts` is 0, but it counts the first attempt; set it to at least 1";

        assert_eq!(problem(exponential.max_attempts(0)), expected);
        assert_eq!(problem(linear.max_attempts(0)), expected);
        assert_eq!(problem(RetryStrategy::fixed(SECOND).max_attempts(0)), expected);
    }

    #[test]
    fn a_delay_that_the_service_refuses_is_invalid_and_named() {
        let zero = Duration::ZERO;

        assert!(problem(RetryStrategy::fixed(zero)).starts_with("`delay` is 0ns"));
        assert!(
            problem(RetryStrategy::exponential().initial_delay(zero)).starts_with("`initial_delay` is 0ns")
        );
        assert!(
            problem(RetryStrategy::linear().max_delay(Duration::MAX)).starts_with("`max_delay` is 18446744")
        );
        assert!(problem(RetryStrategy::linear().increment(zero)).starts_with("`increment` is 0ns"));
    }

    #[test]
    fn an_initial_delay_beyond_the_longest_is_invalid() {
        let problem = problem(RetryStrategy::exponential().initial_delay(600 * SECOND));

        assert_eq!(
            problem,
            "`initial_delay` is 600s, which exceeds the `max_delay` of 300s; raise `max_delay`"
        );
    }

    #[test]
    fn a_rate_by_which_delays_do_not_grow_is_invalid() {
        for rate in [0.5, -3.0, f64::NAN, f64::INFINITY] {
            let problem = problem(RetryStrategy::exponential().backoff_rate(rate));
            assert!(problem.starts_with(&format!("`backoff_rate` is {rate}")), "{problem}");
        }
    }
}
