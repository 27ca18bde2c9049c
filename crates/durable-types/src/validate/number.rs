//! Validation of numbers.

use std::ops::RangeInclusive;

use crate::limits::{
    MAX_CALLBACK_TIMEOUT_SECONDS, MAX_DELAY_SECONDS, MAX_EXECUTION_SECONDS, MAX_PAGE_ITEMS,
    MAX_RETENTION_DAYS, MIN_DELAY_SECONDS,
};
use crate::violation::Violation;

/// Checks the duration of a wait.
pub fn wait_seconds(seconds: u64) -> Result<(), Violation> {
    within("WaitOptions.WaitSeconds", MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS, seconds)
}

/// Checks the delay before the next attempt of a step.
pub fn next_attempt_delay_seconds(seconds: u64) -> Result<(), Violation> {
    within("StepOptions.NextAttemptDelaySeconds", MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS, seconds)
}

/// Checks the timeout of a callback; 0 is no limit.
pub fn callback_timeout_seconds(seconds: u64) -> Result<(), Violation> {
    within("CallbackOptions.TimeoutSeconds", 0..=MAX_CALLBACK_TIMEOUT_SECONDS, seconds)
}

/// Checks the heartbeat timeout of a callback; 0 is no limit.
pub fn callback_heartbeat_timeout_seconds(seconds: u64) -> Result<(), Violation> {
    within("CallbackOptions.HeartbeatTimeoutSeconds", 0..=MAX_CALLBACK_TIMEOUT_SECONDS, seconds)
}

/// Checks the execution timeout.
pub fn execution_timeout_seconds(seconds: u64) -> Result<(), Violation> {
    within("ExecutionTimeout", 1..=MAX_EXECUTION_SECONDS.into(), seconds)
}

/// Checks the retention of ended executions.
pub fn retention_days(days: u32) -> Result<(), Violation> {
    within("RetentionPeriodInDays", 1..=u64::from(MAX_RETENTION_DAYS), days.into())
}

/// Checks the number of items per page; 0 selects the default of the service.
pub fn max_items(items: u32) -> Result<(), Violation> {
    within("MaxItems", 0..=u64::from(MAX_PAGE_ITEMS), items.into())
}

fn within(member: &'static str, range: RangeInclusive<u64>, number: u64) -> Result<(), Violation> {
    if range.contains(&number) {
        return Ok(());
    }
    let problem = format!("must be {} to {}, but is {number}", range.start(), range.end());
    Err(Violation::new(member, problem))
}
