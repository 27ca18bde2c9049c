//! Waiting for a condition: checks repeatedly, and suspends in between.

use std::ops::ControlFlow;

use durable_engine::{NewOperation, RetryDecision};
use durable_types::ErrorObject;

use super::begin::begins;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::live::{LiveHandle, OperationFuture, Work, run_in};
use crate::name::OperationName;
use crate::retry::{WaitPolicy, checked_decision};
use crate::serdes::{
    OperationSerdes, PayloadKind, Records, SerdesChoice, SerdesContext, deserialize, round_trip,
};
use crate::step_context::StepContext;

impl<S: SerdesChoice> DurableContext<S> {
    /// Checks a condition until it is met; the execution can suspend between checks.
    ///
    /// Each check receives the state that the previous one returned, the first receives `initial`. It returns
    /// `Continue` with a new state, or `Break` with the result. The [strategy](WaitForCondition::strategy) sets the
    /// delays between checks and how many there are at most. A check that fails is not retried: its error becomes the
    /// error of the operation.
    ///
    /// ```
    /// # use std::ops::ControlFlow::{Break, Continue};
    /// # use durable_core::{DurableContext, Result};
    /// # async fn status(id: &str) -> std::io::Result<Option<String>> { Ok(None) }
    /// async fn handler(id: String, ctx: DurableContext) -> Result<String> {
    ///     ctx
    ///         .wait_for_condition("ready", 0, async |checks: u32, _| match status(&id).await? {
    ///             Some(outcome) => Ok(Break(format!("{outcome} after {checks} checks"))),
    ///             None => Ok(Continue(checks + 1)),
    ///         })
    ///         .await
    /// }
    /// ```
    pub fn wait_for_condition<'c, I, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        initial: I,
        check: F,
    ) -> WaitForCondition<'c, I, T, F>
    where
        I: Send + Sync + 'c,
        T: Send + Sync + 'c,
        F: Fn(I, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<ControlFlow<T, I>>> + Send + 'c,
        S: Records<'c, I> + Records<'c, T>,
    {
        let serdes = (self.operation_serdes(), self.operation_serdes());
        WaitForCondition::new(self.base(), name.into(), serdes, initial, check)
    }
}

/// The builder of a condition, returned by [`DurableContext::wait_for_condition`].
#[must_use = "it does nothing until it is awaited"]
pub struct WaitForCondition<'c, I, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    initial: I,
    check: F,
    strategy: WaitPolicy<'c, I>,
    serdes: ConditionSerdes<'c, I, T>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

/// The serdes of a condition's state, and the serdes of its result.
pub(crate) type ConditionSerdes<'c, I, T> = (OperationSerdes<'c, I>, OperationSerdes<'c, T>);

impl<'c, I: Send + Sync + 'c, T: Send + Sync + 'c, F> WaitForCondition<'c, I, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: ConditionSerdes<'c, I, T>,
        initial: I,
        check: F,
    ) -> Self
    where
        F: Fn(I, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<ControlFlow<T, I>>> + Send + 'c,
    {
        Self { context, name, initial, check, strategy: WaitPolicy::default(), serdes, begin }
    }
}

impl<'c, I, T, F> WaitForCondition<'c, I, T, F> {
    /// Sets the delays between checks and their maximum number; defaults to 60 checks over about five hours.
    ///
    /// Accepts a [`WaitStrategy`](crate::retry::WaitStrategy), one of its builders, or a function of the state and the
    /// number of checks made; see [`WaitPolicy`]. An error of a check is not retried: handle it in the check.
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
}

begins!(WaitForCondition<'c, I, T, F> -> T);

fn begin<'c, I, T, F, Fut>(condition: WaitForCondition<'c, I, T, F>) -> OperationFuture<'c, T>
where
    I: Send + Sync + 'c,
    T: Send + Sync + 'c,
    F: Fn(I, StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<ControlFlow<T, I>>> + Send + 'c,
{
    let WaitForCondition { context, name, initial, check, strategy, serdes: (state, result), begin: _ } =
        condition;
    if let Some(problem) = strategy.problem() {
        return OperationFuture::invalid(OperationKind::WaitForCondition, &name, problem);
    }
    let checks = Checks { check, strategy };
    let live = |name, handle, result| run(name, handle, initial, checks, (state, result));
    OperationFuture::claim(&context, name, NewOperation::WaitForCondition, result, live)
}

/// The check of a condition and its strategy.
struct Checks<'c, I, F> {
    check: F,
    strategy: WaitPolicy<'c, I>,
}

/// Runs a check whenever the service reports that one is due.
async fn run<I, T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    initial: I,
    checks: Checks<'_, I, F>,
    serdes: ConditionSerdes<'_, I, T>,
) -> Result<T>
where
    I: Sync,
    T: Sync,
    F: Fn(I, StepContext) -> Fut,
    Fut: Future<Output = Result<ControlFlow<T, I>>>,
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
    handle.drive(&name, &serdes.1, work).await
}

/// A condition that is checked in this invocation.
struct Condition<'r, 'c, I, T, F> {
    name: &'r OperationName<'r>,
    handle: &'r LiveHandle,
    checks: &'r Checks<'c, I, F>,
    serdes: &'r ConditionSerdes<'r, I, T>,
}

impl<I, T, F> Clone for Condition<'_, '_, I, T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, T, F> Copy for Condition<'_, '_, I, T, F> {}

impl<'r, I: Sync, T: Sync, F> Condition<'r, '_, I, T, F> {
    fn of_state(self) -> SerdesContext<'r> {
        self.handle.serdes_context().of_kind(PayloadKind::State)
    }

    /// Returns the state for the next check, always as a replay would see it.
    async fn state(self, carried: Option<String>, initial: Option<I>) -> Result<I, ErrorObject> {
        let (serdes, context) = (&self.serdes.0, self.of_state());
        match (carried, initial) {
            (None, Some(initial)) => {
                round_trip(serdes, &initial, context.unrecorded()).await.map(|(_, state)| state)
            }
            (carried, _) => deserialize(serdes, carried.as_deref(), context).await,
        }
    }

    /// Runs one check and reports its outcome.
    async fn check<Fut>(self, attempt: u32, state: I) -> Option<T>
    where
        F: Fn(I, StepContext) -> Fut,
        Fut: Future<Output = Result<ControlFlow<T, I>>>,
    {
        let Self { name, handle, checks, serdes: (of_state, of_result) } = self;
        let context = StepContext::new(attempt, handle.id.to_string().into());
        match run_in(handle.step_scope(name, attempt), async { (checks.check)(state, context).await }).await {
            Ok(ControlFlow::Break(result)) => return handle.succeed(result, of_result).await,
            Ok(ControlFlow::Continue(state)) => match round_trip(of_state, &state, self.of_state()).await {
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

    /// Decides whether the condition is checked again after a check that returned this state.
    fn decide(self, state: &I, checks_made: u32) -> Result<RetryDecision, ErrorObject> {
        let (execution_arn, operation) = (self.handle.execution_arn(), self.handle.id);
        let decide = || self.checks.strategy.decide(execution_arn, operation, (state, checks_made));
        checked_decision(decide, || format!("check {checks_made}"))
    }
}
