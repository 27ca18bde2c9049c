//! What decides whether a failed attempt is followed by another.

use std::fmt;
use std::sync::Arc;

use durable_engine::{ExponentialBackoff, FixedDelay, LinearBackoff, RetryDecision, RetryStrategy};

use super::retry_rules::FailedAttempt;
use crate::error::Error;

/// What decides whether a failed attempt is followed by another: a strategy, or a function of the error and the attempt.
///
/// Operations take whatever converts into it:
/// - a [`RetryStrategy`] or one of its builders;
/// - a function or closure `Fn(&Error, u32) -> D`, where `D` is a [`RetryDecision`] or an `Option<Duration>`. The number
///   is that of the failed attempt; the first is 1. Delays are rounded up to whole seconds and take at least one; a delay
///   of more than 366 days fails the operation. Closures need the type of their first parameter: `|error: &Error, attempt|`.
///
/// Decisions are recorded: on replay no function is asked about an attempt that was already followed by another.
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
    /// What is wrong with the policy, if anything is; `subject` says whose it is.
    pub(crate) fn problem(&self, subject: &str) -> Option<String> {
        match &self.0 {
            Policy::Strategy(strategy) => {
                strategy.validate().err().map(|invalid| format!("{subject} is invalid: {invalid}"))
            }
            Policy::Function(_) => None,
        }
    }

    /// Whether the attempt that failed with this error is followed by another.
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
    /// The default strategy.
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
