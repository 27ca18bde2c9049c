//! Delays that grow by a constant amount.

use std::time::Duration;

use super::invalid::{InvalidStrategy, check_attempts, check_delay, check_delays};
use super::jitter::Jitter;

/// Delays that grow by a constant amount from attempt to attempt, up to a maximum.
///
/// Created by [`RetryStrategy::linear`](super::RetryStrategy::linear) and
/// [`WaitStrategy::linear`](super::WaitStrategy::linear).
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a strategy has no effect until it is given to an operation"]
pub struct LinearBackoff {
    max_attempts: u32,
    initial_delay: Duration,
    max_delay: Duration,
    increment: Duration,
    jitter: Jitter,
}

impl LinearBackoff {
    pub(super) const fn new(max_attempts: u32) -> Self {
        Self {
            max_attempts,
            initial_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(300),
            increment: Duration::from_secs(1),
            jitter: Jitter::Full,
        }
    }

    /// Sets the total number of attempts, including the first.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the delay after the first attempt; defaults to 1 second.
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// Sets the amount by which each delay grows; defaults to 1 second.
    pub const fn increment(mut self, increment: Duration) -> Self {
        self.increment = increment;
        self
    }

    /// Sets the maximum delay, before jitter; defaults to 5 minutes.
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
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
        check_delay("increment", self.increment)
    }

    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the delay in seconds after an attempt that followed `earlier` others.
    pub(super) fn delay(&self, earlier: u32, chance: f64) -> f64 {
        let delay = self.initial_delay.as_secs_f64() + self.increment.as_secs_f64() * f64::from(earlier);
        self.jitter.apply(delay.min(self.max_delay.as_secs_f64()), chance)
    }
}
