//! Blocks that are tried again: operations in a scope of their own, all of them once more when one attempt fails.

use std::time::Duration;

use durable_engine::{NewOperation, OperationId, RetryStrategy};
use durable_types::sub_type;

use super::body::BodyError;
use super::future::OperationFuture;
use super::handle::LiveHandle;
use super::retry_if::{RetryIf, retry_problem};
use super::{OperationName, UNNAMED, VirtualContext};
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result};
use crate::serdes::{ContextSerdes, Serdes};

/// A block to be awaited; made by [`DurableContext::with_retry`].
#[must_use = "a block does nothing until it is awaited"]
pub struct WithRetry<'c, F, S = ContextSerdes> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    body: F,
    serdes: S,
    rules: Rules<'c>,
}

/// When a failed attempt is followed by another.
struct Rules<'c> {
    retry: RetryStrategy,
    retry_if: RetryIf<'c>,
}

impl<'c, F> WithRetry<'c, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, body: F) -> Self {
        let rules = Rules { retry: RetryStrategy::default(), retry_if: RetryIf::default() };
        Self { serdes: context.serdes(), context, name, body, rules }
    }
}

impl<'c, F, S> WithRetry<'c, F, S> {
    /// Records the result with this serdes instead of the one of its context.
    pub fn serdes<S2>(self, serdes: S2) -> WithRetry<'c, F, S2> {
        let Self { context, name, body, serdes: _, rules } = self;
        WithRetry { context, name, body, serdes, rules }
    }

    /// When a failed attempt is followed by another; 6 attempts within about two minutes by default.
    ///
    /// The strategy is asked again on replay: one that allows fewer attempts than before is a change of code that running
    /// executions notice.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result, RetryStrategy};
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let price = ctx
    ///     .with_retry("price", async |ctx, _| ctx.step("ask", async |_| Ok(7)).await)
    ///     .retry(RetryStrategy::fixed(Duration::from_mins(5)).max_attempts(3))
    ///     .await?;
    /// # Ok(price)
    /// # }
    /// ```
    pub fn retry(mut self, strategy: impl Into<RetryStrategy>) -> Self {
        self.rules.retry = strategy.into();
        self
    }

    /// Which errors are followed by another attempt; all by default. What it refuses is final at once.
    ///
    /// Errors of operations come as they are recorded. The answer must be the same on replay.
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
        self.rules.retry_if = RetryIf::new(predicate);
        self
    }
}

impl<'c, F, Fut, T, S> IntoFuture for WithRetry<'c, F, S>
where
    F: Fn(DurableContext, u32) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, body, serdes, rules } = self;
        if let Some(problem) = retry_problem("its retry strategy", &rules.retry) {
            return OperationFuture::invalid(OperationKind::WithRetry, &name, problem);
        }
        let new = NewOperation::Context { sub_type: sub_type::WITH_RETRY, index: None };
        let live = |name, handle, serdes| run(name, handle, body, serdes, rules);
        OperationFuture::claim(&context, name, new, serdes, live)
    }
}

/// Drives a block that had not ended when this invocation came to it, or whose result is built again.
async fn run<F, Fut, T, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: S,
    rules: Rules<'_>,
) -> Result<T>
where
    F: Fn(DurableContext, u32) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Send + Sync,
    S: Serdes<T>,
{
    let (own, called, written) = (&handle, &name, &serdes);
    let (body, rules) = (&body, &rules);
    let body = |context: DurableContext| async move {
        let ended = context.scope().run(attempts(&context, called, body, own.id, rules)).await;
        own.finish(ended.map_err(|error| error.to_error_object()), written).await
    };
    handle.drive_context(&name, &serdes, body).await
}

/// Makes one attempt after the other, on replay those that failed already too: they fail in the same way.
async fn attempts<F, Fut, T>(
    context: &DurableContext,
    name: &OperationName<'_>,
    body: &F,
    id: OperationId,
    rules: &Rules<'_>,
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
        let (error, may_retry) = rules.retry_if.ask(error);
        let backoff = rules.backoff(context, id, attempt).filter(|_| may_retry);
        let Some(backoff) = backoff else { return Err(error) };
        let wait = context.wait(name.derived("", &format!("-backoff-{attempt}")), backoff);
        wait.await.map_err(BodyError::Failed)?;
        attempt = attempt.saturating_add(1);
    }
}

/// Runs the body in a context of its own: what an attempt recorded is not taken for what the next one does.
async fn run_attempt<F, Fut, T>(context: &DurableContext, body: &F, attempt: u32) -> Result<T, BodyError>
where
    F: Fn(DurableContext, u32) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let new = NewOperation::Context { sub_type: sub_type::WITH_RETRY, index: Some(attempt) };
    VirtualContext::open(context, &UNNAMED, &new).run(|inner| body(inner, attempt)).await
}

impl Rules<'_> {
    /// How long after the failure of an attempt the next one is made, if it is.
    fn backoff(&self, context: &DurableContext, id: OperationId, attempt: u32) -> Option<Duration> {
        self.retry.decide(context.execution_arn(), id, attempt).delay()
    }
}
