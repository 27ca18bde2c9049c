//! Delays that grow by a factor.

use std::time::Duration;

use super::invalid::{InvalidStrategy, check_attempts, check_delays};
use super::jitter::Jitter;

/// Delays that grow by a factor from attempt to attempt, up to a maximum.
///
/// Created by [`RetryStrategy::exponential`](super::RetryStrategy::exponential) and
/// [`WaitStrategy::exponential`](super::WaitStrategy::exponential).
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a strategy has no effect until it is given to an operation"]
pub struct ExponentialBackoff {
    max_attempts: u32,
    initial_delay: Duration,
    max_delay: Duration,
    backoff_rate: f64,
    jitter: Jitter,
}

impl ExponentialBackoff {
    pub(super) const fn new(max_attempts: u32, backoff_rate: f64) -> Self {
        Self {
            max_attempts,
            initial_delay: Duration::from_secs(5),
            max_delay: Duration::from_secs(300),
            backoff_rate,
            jitter: Jitter::Full,
        }
    }

    /// Sets the total number of attempts, including the first.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the delay after the first attempt; defaults to 5 seconds.
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// Sets the maximum delay, before jitter; defaults to 5 minutes.
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the factor from one delay to the next, at least 1.
    pub const fn backoff_rate(mut self, rate: f64) -> Self {
        self.backoff_rate = rate;
        self
    }

    /// Sets how much of a delay is random; defaults to [`Jitter::Full`].
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    pub(super) fn check(&self) -> Result<(), InvalidStrategy> {
        check_attempts(self.max_attempts)?;
        check_delays(self.initial_delay, self.max_delay)?;
        if self.backoff_rate.is_finite() && self.backoff_rate >= 1.0 {
            Ok(())
        } else {
            Err(InvalidStrategy::BackoffRate(self.backoff_rate))
        }
    }

    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the delay in seconds after an attempt that followed `earlier` others.
    pub(super) fn delay(&self, earlier: u32, chance: f64) -> f64 {
        let delay = self.initial_delay.as_secs_f64() * self.backoff_rate.powf(f64::from(earlier));
        self.jitter.apply(delay.min(self.max_delay.as_secs_f64()), chance)
    }
}
