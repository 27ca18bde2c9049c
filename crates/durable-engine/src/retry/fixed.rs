//! Constant delays.

use std::time::Duration;

use super::invalid::{InvalidStrategy, check_attempts, check_delay};
use super::jitter::Jitter;

/// The same delay after every attempt.
///
/// Created by [`RetryStrategy::fixed`](super::RetryStrategy::fixed) and
/// [`WaitStrategy::fixed`](super::WaitStrategy::fixed).
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a strategy has no effect until it is given to an operation"]
pub struct FixedDelay {
    max_attempts: u32,
    delay: Duration,
    jitter: Jitter,
}

impl FixedDelay {
    pub(super) const fn new(max_attempts: u32, delay: Duration) -> Self {
        Self { max_attempts, delay, jitter: Jitter::None }
    }

    /// Sets the total number of attempts, including the first.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how much of the delay is random; defaults to [`Jitter::None`].
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    pub(super) fn check(&self) -> Result<(), InvalidStrategy> {
        check_attempts(self.max_attempts)?;
        check_delay("delay", self.delay)
    }

    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the delay in seconds after an attempt.
    pub(super) fn delay(&self, chance: f64) -> f64 {
        self.jitter.apply(self.delay.as_secs_f64(), chance)
    }
}
