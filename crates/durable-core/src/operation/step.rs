//! Steps: code that runs, and whose result is recorded.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use durable_engine::{Failure, NewOperation, Progress, RetryStrategy, StepSemantics};
use durable_types::ErrorObject;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OperationName;
use super::body::poll_step;
use super::future::{OperationFuture, settle};
use super::handle::LiveHandle;
use crate::{DurableContext, Result, StepContext, StepError, serdes};

/// A step to be awaited; made by [`DurableContext::step`].
#[must_use = "a step does nothing until it is awaited"]
pub struct Step<'c, F> {
    context: &'c DurableContext,
    name: OperationName<'c>,
    body: F,
    retry: RetryStrategy,
    semantics: StepSemantics,
}

impl<'c, F> Step<'c, F> {
    pub(crate) fn new(context: &'c DurableContext, name: OperationName<'c>, body: F) -> Self {
        let (retry, semantics) = (RetryStrategy::default(), StepSemantics::default());
        Self { context, name, body, retry, semantics }
    }

    /// When a failed attempt is followed by another; 6 attempts within about two minutes by default.
    ///
    /// The execution suspends between attempts. The number of attempts is recorded, so it counts across invocations.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result, RetryStrategy};
    /// # async fn charge() -> std::io::Result<u32> { Ok(1) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let charge = ctx
    ///     .step("charge", async |_| Ok(charge().await?))
    ///     .retry(RetryStrategy::exponential().max_attempts(5).initial_delay(Duration::from_secs(1)))
    ///     .await?;
    /// # Ok(charge)
    /// # }
    /// ```
    pub fn retry(mut self, strategy: RetryStrategy) -> Self {
        self.retry = strategy;
        self
    }

    /// What happens when an invocation dies while the body runs: by default the attempt runs again.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result, RetryStrategy, StepSemantics};
    /// # async fn pay() -> std::io::Result<()> { Ok(()) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    /// let paid = ctx
    ///     .step("pay", async |_| Ok(pay().await?))
    ///     .semantics(StepSemantics::AtMostOncePerRetry)
    ///     .retry(RetryStrategy::none())
    ///     .await;
    /// if paid.is_err_and(|error| error.is_interrupted()) {
    ///     // Nobody knows whether it was paid: find out, or ask a person.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn semantics(mut self, semantics: StepSemantics) -> Self {
        self.semantics = semantics;
        self
    }
}

impl<'c, F, Fut, T> IntoFuture for Step<'c, F>
where
    F: Fn(StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Serialize + DeserializeOwned + Send + 'c,
{
    type Output = Result<T, StepError>;
    type IntoFuture = StepFuture<'c, T>;

    fn into_future(self) -> StepFuture<'c, T> {
        let Self { context, name, body, retry, semantics } = self;
        let new = NewOperation::Step { semantics, retry };
        let live_name = name.clone();
        let live = |handle| LiveStep { name: live_name, attempt: None, handle, body, value: None };
        StepFuture(OperationFuture::claim(context, name, new, live))
    }
}

/// A step that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct StepFuture<'c, T>(OperationFuture<'c, T, StepError>);

impl<T: DeserializeOwned> Future for StepFuture<'_, T> {
    type Output = Result<T, StepError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// A step that is driven in this invocation.
struct LiveStep<'c, F, Fut, T> {
    name: OperationName<'c>,
    /// The attempt that is running.
    attempt: Option<Pin<Box<Fut>>>,
    handle: LiveHandle<'c>,
    body: F,
    /// The value of the attempt that succeeded, until it is recorded.
    value: Option<T>,
}

// The only future in it is boxed.
impl<F, Fut, T> Unpin for LiveStep<'_, F, Fut, T> {}

impl<F, Fut, T> Future for LiveStep<'_, F, Fut, T>
where
    F: Fn(StepContext) -> Fut,
    Fut: Future<Output = Result<T>>,
    T: Serialize + DeserializeOwned,
{
    type Output = Result<T, StepError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            if let Some(attempt) = &mut this.attempt {
                let name = this.name.as_deref().unwrap_or("without a name");
                let result = ready!(poll_step(name, attempt.as_mut(), cx));
                this.attempt = None;
                this.value = report(&this.handle, result);
            }
            match this.handle.poll(cx) {
                Progress::Run { attempt } => {
                    let context = StepContext::new(attempt, this.handle.id.to_string().into());
                    this.attempt = Some(Box::pin((this.body)(context)));
                }
                Progress::Settled(settled) => {
                    return Poll::Ready(settle(&this.name, settled, this.value.take()));
                }
                Progress::Pending | Progress::Enter(_) => return Poll::Pending,
            }
        }
    }
}

/// Reports how an attempt ended; a result is what replay will see of it.
fn report<T: Serialize + DeserializeOwned>(
    handle: &LiveHandle<'_>,
    result: Result<T, ErrorObject>,
) -> Option<T> {
    let failed = |error, failure| {
        handle.shared.with(|engine| engine.handle_failed(handle.key, error, failure));
        None
    };
    match result.map(|value| serdes::round_trip(&value)) {
        Ok(Ok((text, value))) => {
            handle.shared.with(|engine| engine.handle_succeeded(handle.key, Some(text)));
            Some(value)
        }
        // The same value would fail in the same way again.
        Ok(Err(error)) => failed(error, Failure::Permanent),
        Err(error) => failed(error, Failure::Retryable),
    }
}
