//! The policy that decides whether a failed attempt is retried.

use std::fmt;
use std::sync::Arc;

use durable_engine::{ExponentialBackoff, FixedDelay, LinearBackoff, RetryDecision, RetryStrategy};

use super::failed_attempt::FailedAttempt;
use crate::error::Error;

/// Decides whether a failed attempt is retried: a strategy, or a function of the error and the attempt number.
///
/// Operations accept anything that converts into a policy:
/// - a [`RetryStrategy`] or one of its builders;
/// - a function or closure `Fn(&Error, u32) -> D`, where `D` is a [`RetryDecision`] or an `Option<Duration>`. The
///   number is that of the failed attempt, starting at 1. Delays are rounded up to whole seconds, with a minimum of one
///   second; a delay of more than 366 days fails the operation. Closures need the type of their first parameter:
///   `|error: &Error, attempt|`.
///
/// Decisions are recorded: on replay, the function is not called for an attempt that was already retried.
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Error, Result};
/// # use durable_core::retry::{RetryDecision, RetryPolicy, RetryStrategy};
/// # #[derive(Debug)] struct Throttled { retry_after: Duration }
/// # impl std::fmt::Display for Throttled {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("throttled") }
/// # }
/// # impl std::error::Error for Throttled {}
/// fn as_the_server_asks(error: &Error, attempt: u32) -> RetryDecision {
///     match error.original::<Throttled>() {
///         Some(throttled) if attempt < 10 => RetryDecision::After(throttled.retry_after),
///         _ => RetryDecision::Stop,
///     }
/// }
///
/// # async fn order() -> Result<u32, Throttled> { Ok(7) }
/// async fn handler(attempts: u32, ctx: DurableContext) -> Result<u32> {
///     let first = ctx.step("first", async |_| Ok(order().await?)).retry(as_the_server_asks).await?;
///     let second = ctx
///         .step("second", async |_| Ok(order().await?))
///         .retry(|_: &Error, attempt| (attempt < attempts).then(|| Duration::from_secs(30)))
///         .await?;
///     Ok(first + second)
/// }
/// ```
#[derive(Clone)]
pub struct RetryPolicy<'c>(Policy<'c>);

#[derive(Clone)]
enum Policy<'c> {
    Strategy(RetryStrategy),
    Function(Arc<Function<'c>>),
}

type Function<'c> = dyn Fn(&Error, u32) -> RetryDecision + Send + Sync + 'c;

impl RetryPolicy<'_> {
    /// Returns what is wrong with the policy, if anything; `subject` names the policy in the message.
    pub(crate) fn problem(&self, subject: &str) -> Option<String> {
        match &self.0 {
            Policy::Strategy(strategy) => {
                strategy.validate().err().map(|invalid| format!("{subject} is invalid: {invalid}"))
            }
            Policy::Function(_) => None,
        }
    }

    /// Decides whether the failed attempt is retried.
    pub(crate) fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        match &self.0 {
            Policy::Strategy(strategy) => {
                strategy.decide(failed.execution_arn, failed.operation, failed.attempt)
            }
            Policy::Function(function) => {
                failed.error.with_error(failed.subject, |error| function(error, failed.attempt))
            }
        }
    }
}

impl Default for RetryPolicy<'_> {
    /// Returns the default strategy.
    fn default() -> Self {
        RetryStrategy::default().into()
    }
}

impl From<RetryStrategy> for RetryPolicy<'_> {
    fn from(strategy: RetryStrategy) -> Self {
        Self(Policy::Strategy(strategy))
    }
}

impl From<ExponentialBackoff> for RetryPolicy<'_> {
    fn from(backoff: ExponentialBackoff) -> Self {
        RetryStrategy::from(backoff).into()
    }
}

impl From<LinearBackoff> for RetryPolicy<'_> {
    fn from(backoff: LinearBackoff) -> Self {
        RetryStrategy::from(backoff).into()
    }
}

impl From<FixedDelay> for RetryPolicy<'_> {
    fn from(delay: FixedDelay) -> Self {
        RetryStrategy::from(delay).into()
    }
}

impl<'c, F, D> From<F> for RetryPolicy<'c>
where
    F: Fn(&Error, u32) -> D + Send + Sync + 'c,
    D: Into<RetryDecision>,
{
    fn from(function: F) -> Self {
        Self(Policy::Function(Arc::new(move |error: &Error, attempt| function(error, attempt).into())))
    }
}

impl fmt::Debug for RetryPolicy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Policy::Strategy(strategy) => strategy.fmt(f),
            Policy::Function(_) => f.write_str("RetryPolicy(function)"),
        }
    }
}
