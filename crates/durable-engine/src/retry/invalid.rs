//! Errors of strategies with invalid options.

use std::time::Duration;

use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};
use thiserror::Error;

/// An option of a strategy has an invalid value.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum InvalidStrategy {
    /// Not even the first attempt is allowed.
    #[error("`max_attempts` is 0, but it counts the first attempt; set it to at least 1")]
    NoAttempts,
    /// The service does not accept this delay.
    #[error("`{option}` is {delay:?}, but delays take from 1 second to 366 days")]
    Delay {
        /// The name of the option.
        option: &'static str,
        /// The value of the option.
        delay: Duration,
    },
    /// The initial delay exceeds the maximum delay.
    #[error(
        "`initial_delay` is {initial_delay:?}, which exceeds the `max_delay` of {max_delay:?}; raise `max_delay`"
    )]
    InitialDelayExceedsMax {
        /// The delay after the first failure.
        initial_delay: Duration,
        /// The maximum delay.
        max_delay: Duration,
    },
    /// Delays would shrink or could not be computed.
    #[error("`backoff_rate` is {0}, but it must be a finite number of at least 1")]
    BackoffRate(f64),
}

/// Checks that there is at least one attempt.
pub(super) fn check_attempts(max_attempts: u32) -> Result<(), InvalidStrategy> {
    if max_attempts == 0 { Err(InvalidStrategy::NoAttempts) } else { Ok(()) }
}

/// Checks that the service accepts a delay, rounded up to whole seconds.
pub(super) fn check_delay(option: &'static str, delay: Duration) -> Result<(), InvalidStrategy> {
    if (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&whole_seconds(delay)) {
        Ok(())
    } else {
        Err(InvalidStrategy::Delay { option, delay })
    }
}

/// Checks that the service accepts both delays, and that the initial one does not exceed the maximum.
pub(super) fn check_delays(initial_delay: Duration, max_delay: Duration) -> Result<(), InvalidStrategy> {
    check_delay("initial_delay", initial_delay)?;
    check_delay("max_delay", max_delay)?;
    if initial_delay > max_delay {
        return Err(InvalidStrategy::InitialDelayExceedsMax { initial_delay, max_delay });
    }
    Ok(())
}

/// Rounds a duration up to whole seconds, the unit of the service.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}
