//! Retry decisions of user code, validated: a panic or an invalid delay becomes an error.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use durable_engine::RetryDecision;
use durable_types::ErrorObject;
use durable_types::limits::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS};

use crate::panic::panicked;

const MIN_DELAY: Duration = Duration::from_secs(MIN_DELAY_SECONDS);
const MAX_DELAY: Duration = Duration::from_secs(MAX_DELAY_SECONDS);

/// Decides whether to retry after what happened, with a delay that the service accepts.
pub(crate) fn checked_decision(
    decide: impl FnOnce() -> RetryDecision,
    happened: impl FnOnce() -> String,
) -> Result<RetryDecision, ErrorObject> {
    // The closure is not called again after a panic, so its broken invariants cannot be observed.
    match catch_unwind(AssertUnwindSafe(decide)).map(RetryDecision::delay) {
        Ok(None) => Ok(RetryDecision::Stop),
        Ok(Some(delay)) if delay > MAX_DELAY => Err(too_long(delay, happened())),
        Ok(Some(delay)) => Ok(RetryDecision::After(delay.max(MIN_DELAY))),
        Err(panic) => Err(panicked(panic.as_ref())),
    }
}

fn too_long(delay: Duration, happened: impl fmt::Display) -> ErrorObject {
    let text = format!("the delay after {happened} is {delay:?}, but delays take at most 366 days");
    ErrorObject::new("InvalidArgumentError", text)
}
