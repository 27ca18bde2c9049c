//! Waiting for a condition: checks again and again, and does not run in between.

use std::ops::ControlFlow;

use durable_engine::{NewOperation, RetryDecision};
use durable_types::ErrorObject;

use super::body::run_in;
use super::checked_decision::checked_decision;
use super::future::OperationFuture;
use super::handle::{LiveHandle, Work};
use super::{OperationName, WaitPolicy};
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::serdes::{ContextSerdes, PayloadKind, Serdes, SerdesContext, deserialize, round_trip};
use crate::step_context::StepContext;

/// A condition to be waited for; made by [`DurableContext::wait_for_condition`].
#[must_use = "it does nothing until it is awaited"]
pub struct WaitForCondition<'c, I, F, S = ContextSerdes> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    initial: I,
    check: F,
    strategy: WaitPolicy<'c, I>,
    serdes: S,
}

impl<'c, I, F> WaitForCondition<'c, I, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, initial: I, check: F) -> Self {
        Self { serdes: context.serdes(), context, name, initial, check, strategy: WaitPolicy::default() }
    }
}

impl<'c, I, F, S> WaitForCondition<'c, I, F, S> {
    /// Sets when it is checked again, and how often: 60 checks over about five hours by default.
    ///
    /// It takes a [`WaitStrategy`](crate::WaitStrategy), one of its builders, or a function of the state and the number of
    /// checks; see [`WaitPolicy`]. An error of a check is not retried: handle it in the check.
    ///
    /// ```
    /// # use std::ops::ControlFlow::{Break, Continue};
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Serialize, Deserialize)] struct Job { done: bool, seconds_left: u64 }
    /// # async fn look(job: Job) -> std::io::Result<Job> { Ok(job) }
    /// # async fn handler(job: Job, ctx: DurableContext) -> Result<()> {
    /// ctx.wait_for_condition("job", job, async |job: Job, _| {
    ///     let job = look(job).await?;
    ///     Ok(if job.done { Break(()) } else { Continue(job) })
    /// })
    /// .strategy(|job: &Job, checks| (checks < 20).then(|| Duration::from_secs(job.seconds_left)))
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn strategy(mut self, strategy: impl Into<WaitPolicy<'c, I>>) -> Self {
        self.strategy = strategy.into();
        self
    }

    /// Records the state and the result with this serdes instead of the one of its context.
    pub fn serdes<S2>(self, serdes: S2) -> WaitForCondition<'c, I, F, S2> {
        let Self { context, name, initial, check, strategy, serdes: _ } = self;
        WaitForCondition { context, name, initial, check, strategy, serdes }
    }
}

impl<'c, I, F, Fut, T, S> IntoFuture for WaitForCondition<'c, I, F, S>
where
    F: Fn(I, StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<ControlFlow<T, I>>> + Send + 'c,
    I: Send + Sync + 'c,
    T: Send + Sync + 'c,
    S: Serdes<I> + Serdes<T> + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, initial, check, strategy, serdes } = self;
        if let Some(problem) = strategy.problem() {
            return OperationFuture::invalid(OperationKind::WaitForCondition, &name, problem);
        }
        let live = |name, handle, serdes| run(name, handle, initial, Checks { check, strategy }, serdes);
        OperationFuture::claim(&context, name, NewOperation::WaitForCondition, serdes, live)
    }
}

/// How a condition is checked.
struct Checks<'c, I, F> {
    check: F,
    strategy: WaitPolicy<'c, I>,
}

/// Checks the condition whenever the service says that it is time.
async fn run<I, F, Fut, T, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    initial: I,
    checks: Checks<'_, I, F>,
    serdes: S,
) -> Result<T>
where
    F: Fn(I, StepContext) -> Fut,
    Fut: Future<Output = Result<ControlFlow<T, I>>>,
    S: Serdes<I> + Serdes<T>,
{
    let mut initial = Some(initial);
    let condition = Condition { name: &name, handle: &handle, checks: &checks, serdes: &serdes };
    let attempt = |number, carried, initial| async move {
        match condition.state(carried, initial).await {
            Ok(state) => condition.check(number, state).await,
            Err(error) => {
                condition.handle.fail(error);
                None
            }
        }
    };
    let work = |work| match work {
        Work::Attempt { number, carried } => Some(attempt(number, carried, initial.take())),
        Work::Interrupted { .. } | Work::Enter { .. } => None,
    };
    handle.drive(&name, &serdes, work).await
}

/// A condition that is checked in this invocation.
struct Condition<'r, 'c, I, F, S> {
    name: &'r OperationName<'r>,
    handle: &'r LiveHandle,
    checks: &'r Checks<'c, I, F>,
    serdes: &'r S,
}

impl<I, F, S> Clone for Condition<'_, '_, I, F, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, F, S> Copy for Condition<'_, '_, I, F, S> {}

impl<'r, I, F, S> Condition<'r, '_, I, F, S> {
    fn of_state(self) -> SerdesContext<'r> {
        self.handle.serdes_context().of_kind(PayloadKind::State)
    }

    /// The state that the check gets, always as a replay would see it.
    async fn state(self, carried: Option<String>, initial: Option<I>) -> Result<I, ErrorObject>
    where
        S: Serdes<I>,
    {
        let context = self.of_state();
        match (carried, initial) {
            (None, Some(initial)) => {
                round_trip(self.serdes, &initial, context.unrecorded()).await.map(|(_, state)| state)
            }
            (carried, _) => deserialize(self.serdes, carried.as_deref(), context).await,
        }
    }

    /// Runs one check and reports what it found.
    async fn check<T, Fut>(self, attempt: u32, state: I) -> Option<T>
    where
        F: Fn(I, StepContext) -> Fut,
        Fut: Future<Output = Result<ControlFlow<T, I>>>,
        S: Serdes<I> + Serdes<T>,
    {
        let Self { name, handle, checks, serdes } = self;
        let context = StepContext::new(attempt, handle.id.to_string().into());
        match run_in(handle.step_scope(name, attempt), async { (checks.check)(state, context).await }).await {
            Ok(ControlFlow::Break(result)) => return handle.succeed(result, serdes).await,
            Ok(ControlFlow::Continue(state)) => match round_trip(serdes, &state, self.of_state()).await {
                Ok((text, state)) => match self.decide(&state, attempt) {
                    Ok(decision) => handle.unmet(text, decision),
                    Err(error) => handle.fail(error),
                },
                Err(error) => handle.fail(error),
            },
            Err(error) => handle.fail(error.to_error_object()),
        }
        None
    }

    /// Whether the condition is checked again after a check that returned this state.
    fn decide(self, state: &I, checks_made: u32) -> Result<RetryDecision, ErrorObject> {
        let (execution_arn, operation) = (self.handle.execution_arn(), self.handle.id);
        let decide = || self.checks.strategy.decide(execution_arn, operation, (state, checks_made));
        checked_decision(decide, || format!("check {checks_made}"))
    }
}
