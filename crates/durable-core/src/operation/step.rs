//! Steps: code that runs, and whose result is recorded.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use durable_engine::{Failure, NewOperation, Progress, RetryStrategy, Settled, StepSemantics};
use durable_types::{ErrorObject, OperationStatus};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OperationName;
use super::body::poll_step;
use super::handle::Handle;
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
    F: Fn(StepContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Serialize + DeserializeOwned + Send,
{
    type Output = Result<T, StepError>;
    type IntoFuture = StepFuture<'c, F, Fut, T>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, name, body, retry, semantics } = self;
        let handle = match name.problem() {
            None => Ok(Handle::claim(context, &name, NewOperation::Step { semantics, retry })),
            Some(problem) => Err(StepError::invalid(name.as_deref(), problem)),
        };
        StepFuture { name, handle, body, attempt: None, value: None }
    }
}

/// A step that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct StepFuture<'c, F, Fut, T> {
    name: OperationName<'c>,
    handle: Result<Handle<'c>, StepError>,
    body: F,
    /// The attempt that is running. Only steps that run have one: a replayed step does not pay for it.
    attempt: Option<Pin<Box<Fut>>>,
    /// The value of the attempt that succeeded, until it is recorded.
    value: Option<T>,
}

// The only future in it is boxed.
impl<F, Fut, T> Unpin for StepFuture<'_, F, Fut, T> {}

impl<F, Fut, T> Future for StepFuture<'_, F, Fut, T>
where
    F: Fn(StepContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Serialize + DeserializeOwned + Send,
{
    type Output = Result<T, StepError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let handle = match &mut this.handle {
                Ok(handle) => handle,
                Err(invalid) => return Poll::Ready(Err(invalid.clone())),
            };
            if let Some(attempt) = &mut this.attempt {
                let name = this.name.as_deref().unwrap_or("without a name");
                let result = ready!(poll_step(name, attempt.as_mut(), cx));
                this.attempt = None;
                this.value = report(handle, result);
            }
            match handle.poll(cx) {
                Progress::Run { attempt } => {
                    let id = handle.live().map(|(id, _)| id.to_string()).unwrap_or_default();
                    this.attempt = Some(Box::pin((this.body)(StepContext::new(attempt, id.into()))));
                }
                Progress::Settled(settled) => return Poll::Ready(this.settle(settled)),
                Progress::Pending | Progress::Enter(_) => return Poll::Pending,
            }
        }
    }
}

impl<F, Fut, T: DeserializeOwned> StepFuture<'_, F, Fut, T> {
    fn settle(&mut self, settled: Settled) -> Result<T, StepError> {
        let (status, error) = match (settled, self.value.take()) {
            (Settled::Succeeded(_), Some(value)) => return Ok(value),
            (Settled::Succeeded(result), None) => match serdes::deserialize(result.as_deref()) {
                Ok(value) => return Ok(value),
                Err(error) => (OperationStatus::Failed, error),
            },
            (Settled::Failed { status, error }, _) => (status, error),
        };
        Err(StepError::new(self.name.as_deref(), status, error))
    }
}

/// Reports how an attempt ended; a result is what replay will see of it.
fn report<T: Serialize + DeserializeOwned>(handle: &Handle<'_>, result: Result<T, ErrorObject>) -> Option<T> {
    let (_, key) = handle.live()?;
    let failed = |error, failure| {
        handle.shared().with(|engine| engine.handle_failed(key, error, failure));
        None
    };
    match result.map(|value| serdes::round_trip(&value)) {
        Ok(Ok((text, value))) => {
            handle.shared().with(|engine| engine.handle_succeeded(key, Some(text)));
            Some(value)
        }
        // The same value would fail in the same way again.
        Ok(Err(error)) => failed(error, Failure::Permanent),
        Err(error) => failed(error, Failure::Retryable),
    }
}
