//! When a step that failed is tried again, and how long after.

use std::time::Duration;

use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};

use crate::{OperationId, jitter};

/// How often a failed step is tried again, and how long after each failure.
///
/// The default makes 6 attempts, 5 seconds after the first failure, doubling up to a minute, with full jitter.
/// Delays are whole seconds, at least one: the service counts in seconds.
///
/// ```
/// use std::time::Duration;
/// use durable_engine::{Jitter, RetryStrategy};
///
/// let patient = RetryStrategy::exponential()
///     .max_attempts(10)
///     .initial_delay(Duration::from_secs(1))
///     .max_delay(Duration::from_secs(300))
///     .jitter(Jitter::Half);
/// let never = RetryStrategy::none();
/// # let _ = (patient, never);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryStrategy {
    max_attempts: u32,
    initial_delay: Duration,
    max_delay: Duration,
    growth: Growth,
    jitter: Jitter,
}

#[derive(Clone, Debug, PartialEq)]
enum Growth {
    Times(f64),
    Plus(Duration),
}

/// How much of a delay is left to chance.
///
/// The chance is derived from the execution, the operation and the attempt, so clients spread out while each
/// execution stays reproducible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Nothing: the delay is what the strategy says.
    None,
    /// All of it: anything from nothing up to the delay.
    Full,
    /// Half of it: anything from half the delay up to the delay.
    Half,
}

/// What happens after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// It is tried again after so many seconds.
    After(u64),
    /// The failure is final.
    GiveUp,
}

impl RetryStrategy {
    /// Delays that grow by a factor: 3 attempts, 5 seconds, times 2, at most 5 minutes, full jitter.
    pub fn exponential() -> Self {
        Self {
            max_attempts: 3,
            initial_delay: Duration::from_secs(5),
            max_delay: Duration::from_secs(300),
            growth: Growth::Times(2.0),
            jitter: Jitter::Full,
        }
    }

    /// Delays that grow by an amount: 6 attempts, 1 second, plus 1 second, at most 5 minutes, full jitter.
    pub fn linear() -> Self {
        Self {
            max_attempts: 6,
            initial_delay: Duration::from_secs(1),
            growth: Growth::Plus(Duration::from_secs(1)),
            ..Self::exponential()
        }
    }

    /// The same delay each time: 5 attempts, no jitter.
    pub fn fixed(delay: Duration) -> Self {
        Self {
            max_attempts: 5,
            initial_delay: delay,
            max_delay: delay,
            growth: Growth::Times(1.0),
            jitter: Jitter::None,
        }
    }

    /// No second attempt.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::exponential() }
    }

    /// How many attempts are made in all, the first included; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The delay after the first failure.
    #[must_use]
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// The longest delay, before jitter.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The factor from one delay to the next.
    #[must_use]
    pub fn backoff_rate(mut self, rate: f64) -> Self {
        self.growth = Growth::Times(rate);
        self
    }

    /// The amount from one delay to the next, instead of a factor.
    #[must_use]
    pub fn increment(mut self, increment: Duration) -> Self {
        self.growth = Growth::Plus(increment);
        self
    }

    /// How much of a delay is left to chance.
    #[must_use]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// What happens after so many attempts have failed; `chance` is a fraction from 0 to 1.
    pub fn decide(&self, attempts_made: u32, chance: f64) -> RetryDecision {
        if attempts_made >= self.max_attempts {
            return RetryDecision::GiveUp;
        }
        let delay = self.delay(attempts_made.saturating_sub(1));
        let jittered = match self.jitter {
            Jitter::None => delay,
            Jitter::Full => delay * chance,
            Jitter::Half => delay / 2.0 + delay / 2.0 * chance,
        };
        RetryDecision::After(whole_seconds(jittered))
    }

    /// The same for an operation, with the chance that is its own on every replay.
    pub fn decide_for(
        &self,
        execution_arn: &str,
        operation: OperationId,
        attempts_made: u32,
    ) -> RetryDecision {
        self.decide(attempts_made, jitter::fraction(execution_arn, operation, attempts_made))
    }

    /// Seconds after the failure that followed `earlier` others, before jitter.
    fn delay(&self, earlier: u32) -> f64 {
        let initial = self.initial_delay.as_secs_f64();
        let delay = match self.growth {
            Growth::Times(rate) => initial * rate.powf(f64::from(earlier)),
            Growth::Plus(increment) => initial + increment.as_secs_f64() * f64::from(earlier),
        };
        delay.min(self.max_delay.as_secs_f64())
    }
}

impl Default for RetryStrategy {
    fn default() -> Self {
        Self::exponential().max_attempts(6).max_delay(Duration::from_secs(60))
    }
}

/// How often a condition is checked, and how long after each check that did not find it met.
///
/// The default makes 60 checks, 5 seconds after the first, growing by half up to 5 minutes, with full jitter.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitStrategy(RetryStrategy);

impl WaitStrategy {
    /// The same delay after each check, without end.
    pub fn fixed(delay: Duration) -> Self {
        Self(RetryStrategy::fixed(delay).max_attempts(u32::MAX))
    }

    /// How many checks are made in all; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        Self(self.0.max_attempts(attempts))
    }

    /// The delay after the first check.
    #[must_use]
    pub fn initial_delay(self, delay: Duration) -> Self {
        Self(self.0.initial_delay(delay))
    }

    /// The longest delay, before jitter.
    #[must_use]
    pub fn max_delay(self, delay: Duration) -> Self {
        Self(self.0.max_delay(delay))
    }

    /// The factor from one delay to the next.
    #[must_use]
    pub fn backoff_rate(self, rate: f64) -> Self {
        Self(self.0.backoff_rate(rate))
    }

    /// How much of a delay is left to chance.
    #[must_use]
    pub fn jitter(self, jitter: Jitter) -> Self {
        Self(self.0.jitter(jitter))
    }

    /// What happens after so many checks; `chance` is a fraction from 0 to 1.
    pub fn decide(&self, attempts_made: u32, chance: f64) -> RetryDecision {
        self.0.decide(attempts_made, chance)
    }
}

impl Default for WaitStrategy {
    fn default() -> Self {
        Self(RetryStrategy::exponential().max_attempts(60).backoff_rate(1.5))
    }
}

/// Rounds up to what the service accepts.
fn whole_seconds(seconds: f64) -> u64 {
    let rounded = match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => duration.as_secs() + u64::from(duration.subsec_nanos() > 0),
        Err(_) if seconds > 0.0 => MAX_DELAY_SECONDS,
        Err(_) => MIN_DELAY_SECONDS,
    };
    rounded.clamp(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(strategy: &RetryStrategy, chance: f64) -> Vec<u64> {
        (1..)
            .map_while(|attempts| match strategy.decide(attempts, chance) {
                RetryDecision::After(seconds) => Some(seconds),
                RetryDecision::GiveUp => None,
            })
            .collect()
    }

    #[test]
    fn the_default_makes_six_attempts_with_delays_that_double_up_to_a_minute() {
        assert_eq!(delays(&RetryStrategy::default().jitter(Jitter::None), 0.0), [5, 10, 20, 40, 60]);
    }

    #[test]
    fn linear_delays_grow_by_the_increment() {
        assert_eq!(delays(&RetryStrategy::linear().jitter(Jitter::None), 0.0), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn fixed_delays_stay_the_same() {
        assert_eq!(delays(&RetryStrategy::fixed(Duration::from_secs(7)), 0.9), [7, 7, 7, 7]);
    }

    #[test]
    fn no_retry_gives_up_after_the_first_attempt() {
        assert_eq!(RetryStrategy::none().decide(1, 0.5), RetryDecision::GiveUp);
        assert_eq!(RetryStrategy::none().max_attempts(0).decide(1, 0.5), RetryDecision::GiveUp);
    }

    #[test]
    fn jitter_takes_all_or_half_of_the_delay_and_rounds_up_to_a_second() {
        let fixed = RetryStrategy::fixed(Duration::from_secs(10));

        assert_eq!(fixed.clone().jitter(Jitter::Full).decide(1, 0.0), RetryDecision::After(1));
        assert_eq!(fixed.clone().jitter(Jitter::Full).decide(1, 0.55), RetryDecision::After(6));
        assert_eq!(fixed.clone().jitter(Jitter::Half).decide(1, 0.0), RetryDecision::After(5));
        assert_eq!(fixed.jitter(Jitter::Half).decide(1, 0.99), RetryDecision::After(10));
    }

    #[test]
    fn absurd_settings_stay_within_what_the_service_accepts() {
        let endless = RetryStrategy::fixed(Duration::MAX);
        let negative = RetryStrategy::exponential().backoff_rate(-3.0).jitter(Jitter::None);
        let nonsense = RetryStrategy::exponential().backoff_rate(f64::NAN).jitter(Jitter::None);

        assert_eq!(endless.decide(1, 0.5), RetryDecision::After(MAX_DELAY_SECONDS));
        assert_eq!(negative.decide(2, 0.5), RetryDecision::After(1));
        assert!(matches!(nonsense.decide(2, 0.5), RetryDecision::After(1..=MAX_DELAY_SECONDS)));
    }
}
