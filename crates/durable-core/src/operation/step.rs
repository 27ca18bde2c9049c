//! Steps: code that runs, and whose result is recorded.

use std::time::Duration;

use durable_engine::{Failure, NewOperation, RetryStrategy, StepSemantics};

use super::OperationName;
use super::body::run_step;
use super::future::OperationFuture;
use super::handle::{LiveHandle, Work};
use super::retry_if::{RetryIf, retry_problem};
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result};
use crate::serdes::{ContextSerdes, Serdes};
use crate::step_context::StepContext;

/// A step to be awaited; made by [`DurableContext::step`].
#[must_use = "a step does nothing until it is awaited"]
pub struct Step<'c, F, S = ContextSerdes> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    body: F,
    serdes: S,
    retry: RetryStrategy,
    semantics: StepSemantics,
    retry_if: RetryIf<'c>,
    timeout: Option<Duration>,
}

impl<'c, F> Step<'c, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, body: F) -> Self {
        Self {
            serdes: context.serdes(),
            context,
            name,
            body,
            retry: RetryStrategy::default(),
            semantics: StepSemantics::default(),
            retry_if: RetryIf::default(),
            timeout: None,
        }
    }
}

impl<'c, F, S> Step<'c, F, S> {
    /// Records the result with this serdes instead of the one of its context.
    pub fn serdes<S2>(self, serdes: S2) -> Step<'c, F, S2> {
        let Self { context, name, body, serdes: _, retry, semantics, retry_if, timeout } = self;
        Step { context, name, body, serdes, retry, semantics, retry_if, timeout }
    }

    /// Which errors may be tried again; all by default. What it refuses is final at once.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<String> {
    /// let page = ctx
    ///     .step("read", async |_| Ok(std::fs::read_to_string("page.html")?))
    ///     .retry_if(|error| error.original::<std::io::Error>().is_some())
    ///     .await?;
    /// # Ok(page)
    /// # }
    /// ```
    pub fn retry_if(mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'c) -> Self {
        self.retry_if = RetryIf::new(predicate);
        self
    }

    /// How long one attempt may take; without end by default. One that takes longer is dropped and fails like any
    /// other.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn fetch() -> std::io::Result<u32> { Ok(1) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let page = ctx.step("fetch", async |_| Ok(fetch().await?)).timeout(Duration::from_secs(30)).await?;
    /// # Ok(page)
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
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
    pub fn retry(mut self, strategy: impl Into<RetryStrategy>) -> Self {
        self.retry = strategy.into();
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

impl<'c, F, Fut, T, S> IntoFuture for Step<'c, F, S>
where
    F: Fn(StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, body, serdes, retry, semantics, retry_if, timeout } = self;
        if timeout == Some(Duration::ZERO) {
            let problem = "its timeout is zero, in which no attempt can end".to_owned();
            return OperationFuture::invalid(OperationKind::Step, &name, problem);
        }
        if let Some(problem) = retry_problem("its retry strategy", &retry) {
            return OperationFuture::invalid(OperationKind::Step, &name, problem);
        }
        let new = NewOperation::Step { semantics, retry };
        let live = |name, handle, serdes| run(name, handle, body, serdes, Attempt { timeout, retry_if });
        OperationFuture::claim(&context, name, new, serdes, live)
    }
}

/// What holds for each attempt.
struct Attempt<'c> {
    timeout: Option<Duration>,
    retry_if: RetryIf<'c>,
}

/// Drives a step that had not ended when this invocation came to it.
async fn run<F, Fut, T, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: S,
    rules: Attempt<'_>,
) -> Result<T>
where
    F: Fn(StepContext) -> Fut,
    Fut: Future<Output = Result<T>>,
    S: Serdes<T>,
{
    let (own, called, body, written, rules) = (&handle, &name, &body, &serdes, &rules);
    let attempt = |number| async move {
        let context = StepContext::new(number, own.id.to_string().into());
        let scope = own.step_scope(called, number);
        match run_step(scope, rules.timeout, async { body(context).await }).await {
            Ok(result) => own.succeed(result, written).await,
            Err(error) => {
                let (error, may_retry) = rules.retry_if.ask(error);
                let failure = if may_retry { Failure::Retryable } else { Failure::Permanent };
                own.fail_body(&error, failure);
                None
            }
        }
    };
    let work = |work| match work {
        Work::Attempt { number, .. } => Some(attempt(number)),
        Work::Enter { .. } => None,
    };
    handle.drive(&name, &serdes, work).await
}
