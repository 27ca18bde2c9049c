//! Steps: code whose result is recorded, so that it does not run again.

use std::time::Duration;

use durable_engine::{NewOperation, RetryDecision, StepSemantics};
use durable_types::ErrorObject;

use super::begin::begins;
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result};
use crate::live::{BodyError, LiveHandle, OperationFuture, Work, run_step};
use crate::name::OperationName;
use crate::retry::{FailedAttempt, RetryPolicy, RetryRules};
use crate::serdes::{OperationSerdes, Records, SerdesChoice, ValueReader};
use crate::step_context::StepContext;

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs code and records its result; once the result is recorded, the code does not run again.
    ///
    /// The body receives a [`StepContext`] and may borrow from the handler. A failed attempt is retried according to
    /// the step's [retry policy](Step::retry); the final error is recorded and returned as an [`Error`](crate::Error).
    ///
    /// The body may run more than once, when an attempt fails or the invocation ends while it runs, so it must be
    /// idempotent. See [`semantics`](Step::semantics).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(item: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(item: String, ctx: DurableContext) -> Result<u32> {
    ///     ctx.step("reserve", async |_| Ok(reserve(&item).await?)).await
    /// }
    /// ```
    ///
    /// # Compiler errors about bodies
    /// - "async closure does not implement `Fn`": the body mutates its captures, or it is an `async move` closure,
    ///   which gives its captures away the first time it runs. Return the change instead, and write
    ///   `move |_| { let item = item.clone(); async move { .. } }` for a body that owns what it uses.
    /// - "implementation of `Deserialize` is not general enough": the result borrows, but on replay it is deserialized
    ///   from the journal. Return an owned value, such as `String` instead of `&str`.
    /// - "`!: Serialize` is not satisfied" or "type annotations needed": the body only ever fails, so its result type
    ///   cannot be inferred. Name the type in its `Err`.
    /// - "expected `Error`, found .." for a function with an error type of its own: convert the error with
    ///   `Ok(charge().await?)`.
    /// - "`item` does not live long enough" where the operation outlives the block: make the body own what it uses.
    /// - "`!: Deserialize` is not satisfied" for a call or a callback whose result is not used: add
    ///   [`ignore_result`](super::Invoke::ignore_result) or [`ignore_answer`](super::WaitForCallback::ignore_answer).
    /// - "type annotations needed" for an async block that is awaited with `?` or passed to [`join!`](crate::join!): end
    ///   it with [`durable_core::Ok`](crate::Ok), which names the error type.
    /// - "a branch of `race!` or `try_join!` must return `durable::Result`": convert the branch's error with
    ///   `async { Ok(charge().await?) }`.
    ///
    /// This applies to the bodies of all operations.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Error, Result};
    /// # async fn reserve(item: String) -> std::io::Result<u32> { Ok(7) }
    /// # async fn handler(items: Vec<String>, ctx: DurableContext) -> Result<()> {
    /// for item in items {
    ///     let body = move |_| {
    ///         let item = item.clone();
    ///         async move { Ok(reserve(item).await?) }
    ///     };
    ///     let _reservation = ctx.step("reserve", body).await?;
    /// }
    /// ctx.step("give up", async |_| Err::<(), _>(Error::msg("not today"))).await
    /// # }
    /// ```
    pub fn step<'c, T, F, Fut>(&self, name: impl Into<OperationName<'c>>, body: F) -> Step<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Step::new(self.base(), name.into(), self.operation_serdes(), body)
    }
}

/// The builder of a step, returned by [`DurableContext::step`].
#[must_use = "a step does nothing until it is awaited"]
pub struct Step<'c, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    body: F,
    serdes: OperationSerdes<'c, T>,
    rules: Rules<'c>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

/// The rules that apply to each attempt.
#[derive(Default)]
struct Rules<'c> {
    retry: RetryRules<'c>,
    semantics: StepSemantics,
    timeout: Option<Duration>,
}

impl<'c, T: Send + Sync + 'c, F> Step<'c, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        body: F,
    ) -> Self
    where
        F: Fn(StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        Self { context, name, body, serdes, rules: Rules::default(), begin }
    }
}

impl<'c, T, F> Step<'c, T, F> {
    /// Replaces the half of the serdes that reads the result.
    pub(super) fn read_by(self, wrap: impl FnOnce(ValueReader<'c, T>) -> ValueReader<'c, T>) -> Self {
        Self { serdes: self.serdes.read_by(wrap), ..self }
    }

    /// Sets the predicate that says which errors may be retried; defaults to all errors.
    ///
    /// The predicate is called for errors that the body returned, before the [retry policy](Self::retry). An error that
    /// it rejects is final. Panics, timeouts and interrupted attempts are left to the policy.
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
        self.rules.retry.retry_if(predicate);
        self
    }

    /// Sets the time limit of each attempt; defaults to no limit. An attempt that exceeds it is dropped and fails.
    ///
    /// The limit takes effect where the body awaits. A body that blocks its thread is not interrupted: run blocking
    /// code with `tokio::task::spawn_blocking` and await it.
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
        self.rules.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy for failed attempts; defaults to 6 attempts within about two minutes.
    ///
    /// Accepts a [`RetryStrategy`](crate::retry::RetryStrategy), one of its builders, or a function of the error and
    /// the attempt number; see [`RetryPolicy`]. The execution suspends between attempts. The number of attempts is
    /// recorded, so it counts across invocations.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_core::retry::RetryStrategy;
    /// # async fn charge() -> std::io::Result<u32> { Ok(1) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let charge = ctx
    ///     .step("charge", async |_| Ok(charge().await?))
    ///     .retry(RetryStrategy::exponential().max_attempts(5).initial_delay(Duration::from_secs(1)))
    ///     .await?;
    /// # Ok(charge)
    /// # }
    /// ```
    ///
    /// A function can return the delay that a server asked for:
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Error, Result};
    /// # #[derive(Debug)] struct Throttled { retry_after: Duration }
    /// # impl std::fmt::Display for Throttled {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("throttled") }
    /// # }
    /// # impl std::error::Error for Throttled {}
    /// # async fn charge() -> Result<u32, Throttled> { Ok(1) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let charge = ctx
    ///     .step("charge", async |_| Ok(charge().await?))
    ///     .retry(|error: &Error, attempt| {
    ///         let throttled = error.original::<Throttled>()?;
    ///         (attempt < 10).then_some(throttled.retry_after)
    ///     })
    ///     .await?;
    /// # Ok(charge)
    /// # }
    /// ```
    pub fn retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.rules.retry.policy = policy.into();
        self
    }

    /// Sets what happens if the invocation ends while the body runs; by default the attempt runs again.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_core::operation::StepSemantics;
    /// # async fn pay() -> std::io::Result<()> { Ok(()) }
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    /// let paid = ctx
    ///     .step("pay", async |_| Ok(pay().await?))
    ///     .semantics(StepSemantics::AtMostOnce)
    ///     .await;
    /// if paid.is_err_and(|error| error.is_interrupted()) {
    ///     // It may have been paid or not: look it up, or ask a person.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn semantics(mut self, semantics: StepSemantics) -> Self {
        self.rules.semantics = semantics;
        self
    }
}

begins!(Step<'c, T, F> -> T);

fn begin<'c, T, F, Fut>(step: Step<'c, T, F>) -> OperationFuture<'c, T>
where
    T: Send + Sync + 'c,
    F: Fn(StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
{
    let Step { context, name, body, serdes, rules, begin: _ } = step;
    if let Some(problem) = rules.problem() {
        return OperationFuture::invalid(OperationKind::Step, &name, problem);
    }
    let new = NewOperation::Step { semantics: rules.semantics };
    let live = |name, handle, serdes| run(name, handle, body, serdes, rules);
    OperationFuture::claim(&context, name, new, serdes, live)
}

impl Rules<'_> {
    /// Returns what is wrong with the options, if anything.
    fn problem(&self) -> Option<String> {
        if self.timeout == Some(Duration::ZERO) {
            return Some("its timeout is zero, in which no attempt can end".to_owned());
        }
        self.retry.problem()
    }

    /// Reports a failed attempt and whether it is retried.
    fn fail(&self, handle: &LiveHandle, name: &OperationName<'_>, attempt: u32, error: &BodyError) {
        let (execution_arn, operation, subject) = (handle.execution_arn(), handle.id, handle.subject(name));
        let failed = FailedAttempt { execution_arn, operation, attempt, error, subject };
        let is_final = self.semantics == StepSemantics::AtMostOnce && error.is_outcome_unknown();
        let decision = if is_final { Ok(RetryDecision::Stop) } else { self.retry.decide(&failed) };
        match decision {
            Ok(decision) => handle.fail_attempt(error.to_error_object(), decision),
            Err(undecided) => handle.fail(undecided.to_error_object()),
        }
    }
}

/// Drives a step that had not ended when this invocation reached it.
async fn run<T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: OperationSerdes<'_, T>,
    rules: Rules<'_>,
) -> Result<T>
where
    T: Sync,
    F: Fn(StepContext) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let (own, called, body, written, rules) = (&handle, &name, &body, &serdes, &rules);
    let attempt = |attempt, interrupted: Option<ErrorObject>| async move {
        let ended = match interrupted {
            Some(error) => Err(BodyError::Interrupted(error)),
            None => {
                let context = StepContext::new(attempt, own.id.to_string().into());
                let scope = own.step_scope(called, attempt);
                run_step(scope, rules.timeout, async { body(context).await }).await
            }
        };
        match ended {
            Ok(result) => own.succeed(result, written).await,
            Err(error) => {
                rules.fail(own, called, attempt, &error);
                None
            }
        }
    };
    let work = |work| match work {
        Work::Attempt { number, .. } => Some(attempt(number, None)),
        Work::Interrupted { number, error } => Some(attempt(number, Some(error))),
        Work::Enter { .. } => None,
    };
    handle.drive(&name, &serdes, work).await
}
