//! Retried blocks: operations in a context of their own that are retried together.

use std::time::Duration;

use durable_engine::NewOperation;
use durable_types::limits::MIN_DELAY_SECONDS;
use durable_types::sub_type;

use super::begin::begins;
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result};
use crate::live::{BodyError, LiveHandle, OperationFuture, VirtualContext};
use crate::name::{OperationName, UNNAMED};
use crate::retry::{FailedAttempt, RetryPolicy, RetryRules};
use crate::serdes::{OperationSerdes, Records, SerdesChoice};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs a block of operations, retries the whole block when it fails, and records its result.
    ///
    /// The body receives the attempt number, starting at 1. Each attempt has operations of its own, so operations that
    /// succeeded in a failed attempt run again in the next one. Between attempts the execution suspends for the backoff
    /// of the [retry policy](WithRetry::retry). The error of the last attempt is recorded and returned as an
    /// [`Error`](crate::Error).
    ///
    /// A single step does not need a block: it has a [retry policy](super::Step::retry) of its own.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(item: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(item: String, ctx: DurableContext) -> Result<String> {
    ///     let label = ctx
    ///         .with_retry("ship", async |ctx, _attempt| {
    ///             let parcel = ctx.step("reserve", async |_| Ok(reserve(&item).await?)).await?;
    ///             ctx.invoke("label", "labels:live", &parcel).await
    ///         })
    ///         .await?;
    ///     Ok(label)
    /// }
    /// ```
    pub fn with_retry<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        body: F,
    ) -> WithRetry<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext, u32) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        WithRetry::new(self.base(), name.into(), self.operation_serdes(), body)
    }
}

/// The shortest backoff, since a wait takes at least this long.
const MIN_BACKOFF: Duration = Duration::from_secs(MIN_DELAY_SECONDS);

/// The builder of a retried block, returned by [`DurableContext::with_retry`].
#[must_use = "a block does nothing until it is awaited"]
pub struct WithRetry<'c, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    body: F,
    serdes: OperationSerdes<'c, T>,
    rules: RetryRules<'c>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

impl<'c, T: Send + Sync + 'c, F> WithRetry<'c, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        body: F,
    ) -> Self
    where
        F: Fn(DurableContext, u32) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        Self { context, name, body, serdes, rules: RetryRules::default(), begin }
    }
}

impl<'c, T, F> WithRetry<'c, T, F> {
    /// Sets the retry policy for failed attempts; defaults to 6 attempts within about two minutes.
    ///
    /// Accepts a [`RetryStrategy`](crate::retry::RetryStrategy), one of its builders, or a function of the error and
    /// the attempt number; see [`RetryPolicy`]. The wait between two attempts records the decision to retry, so replay
    /// does not decide it again. The policy can therefore be changed while executions are running; the change applies
    /// to future decisions.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_core::retry::RetryStrategy;
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let price = ctx
    ///     .with_retry("price", async |ctx, _| ctx.step("ask", async |_| Ok(7)).await)
    ///     .retry(RetryStrategy::fixed(Duration::from_mins(5)).max_attempts(3))
    ///     .await?;
    /// # Ok(price)
    /// # }
    /// ```
    pub fn retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.rules.policy = policy.into();
        self
    }

    /// Sets the predicate that says which errors may be retried; defaults to all errors.
    ///
    /// The predicate is called before the [retry policy](Self::retry). An error that it rejects is final. Errors of
    /// operations are rebuilt from their records, so the predicate sees the same errors on replay.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let price = ctx
    ///     .with_retry("price", async |ctx, _| ctx.step("ask", async |_| Ok(7)).await)
    ///     .retry_if(|error| error.error_type() != "OutOfStock")
    ///     .await?;
    /// # Ok(price)
    /// # }
    /// ```
    pub fn retry_if(mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'c) -> Self {
        self.rules.retry_if(predicate);
        self
    }
}

begins!(WithRetry<'c, T, F> -> T);

fn begin<'c, T, F, Fut>(block: WithRetry<'c, T, F>) -> OperationFuture<'c, T>
where
    T: Send + Sync + 'c,
    F: Fn(DurableContext, u32) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
{
    let WithRetry { context, name, body, serdes, rules, begin: _ } = block;
    if let Some(problem) = rules.problem() {
        return OperationFuture::invalid(OperationKind::WithRetry, &name, problem);
    }
    let new = NewOperation::Context { sub_type: sub_type::WITH_RETRY, index: None };
    let live = |name, handle, serdes| run(name, handle, body, serdes, rules);
    OperationFuture::claim(&context, name, new, serdes, live)
}

/// Drives a block that had not ended when this invocation reached it, or whose result is being rebuilt.
async fn run<T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: OperationSerdes<'_, T>,
    rules: RetryRules<'_>,
) -> Result<T>
where
    F: Fn(DurableContext, u32) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Send + Sync,
{
    let (own, called, written) = (&handle, &name, &serdes);
    let (body, rules) = (&body, &rules);
    let body = |context: DurableContext| async move {
        let ended = context.scope().run(attempts(&context, called, body, own, rules)).await;
        own.finish(ended.map_err(|error| error.to_error_object()), written).await
    };
    handle.drive_context(&name, &serdes, body).await
}

/// Runs one attempt after the other. On replay this includes attempts that already failed: they fail the same way.
async fn attempts<F, Fut, T>(
    context: &DurableContext,
    name: &OperationName<'_>,
    body: &F,
    block: &LiveHandle,
    rules: &RetryRules<'_>,
) -> Result<T, BodyError>
where
    F: Fn(DurableContext, u32) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        let error = match run_attempt(context, body, attempt).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let backoff_name = name.derived("", &format!("-backoff-{attempt}"));
        let backoff = if is_decided(context, &backoff_name) {
            // The claim does not affect the duration of a wait that is already recorded.
            MIN_BACKOFF
        } else {
            let (execution_arn, operation, subject) = (block.execution_arn(), block.id, block.subject(name));
            let failed = FailedAttempt { execution_arn, operation, attempt, error: &error, subject };
            let Some(backoff) = rules.decide(&failed)?.delay() else { return Err(error) };
            backoff
        };
        context.wait(backoff_name, backoff).await.map_err(BodyError::Failed)?;
        attempt = attempt.saturating_add(1);
    }
}

/// Runs the body in a context of its own, so that records of one attempt are not paired with operations of the next.
async fn run_attempt<F, Fut, T>(context: &DurableContext, body: &F, attempt: u32) -> Result<T, BodyError>
where
    F: Fn(DurableContext, u32) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let new = NewOperation::Context { sub_type: sub_type::WITH_RETRY, index: Some(attempt) };
    let (scope, _) = VirtualContext::open(context, &UNNAMED, &new);
    scope.run(|inner| body(inner, attempt)).await
}

/// Returns whether the attempt is known to have been retried, because the wait that follows it is recorded.
fn is_decided(context: &DurableContext, backoff_name: &OperationName<'_>) -> bool {
    context.is_recorded(backoff_name, &NewOperation::Wait { seconds: MIN_DELAY_SECONDS })
}
