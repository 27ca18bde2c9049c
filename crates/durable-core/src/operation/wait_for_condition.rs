//! Waiting for a condition: checks again and again, and does not run in between.

use std::ops::ControlFlow;

use durable_engine::{Failure, NewOperation, WaitStrategy};
use durable_types::ErrorObject;

use super::OperationName;
use super::body::run_in;
use super::future::OperationFuture;
use super::handle::{LiveHandle, Work};
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
    strategy: WaitStrategy,
    serdes: S,
}

impl<'c, I, F> WaitForCondition<'c, I, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, initial: I, check: F) -> Self {
        Self { serdes: context.serdes(), context, name, initial, check, strategy: WaitStrategy::default() }
    }
}

impl<'c, I, F, S> WaitForCondition<'c, I, F, S> {
    /// When it is checked again, and how often; 60 checks over about five hours by default.
    pub fn strategy(mut self, strategy: impl Into<WaitStrategy>) -> Self {
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
        if let Err(invalid) = strategy.validate() {
            let problem = format!("its strategy is invalid: {invalid}");
            return OperationFuture::invalid(OperationKind::WaitForCondition, &name, problem);
        }
        let new = NewOperation::WaitForCondition { strategy };
        let live = |name, handle, serdes| run(name, handle, initial, check, serdes);
        OperationFuture::claim(&context, name, new, serdes, live)
    }
}

/// Checks the condition whenever the service says that it is time.
async fn run<I, F, Fut, T, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    initial: I,
    check: F,
    serdes: S,
) -> Result<T>
where
    F: Fn(I, StepContext) -> Fut,
    Fut: Future<Output = Result<ControlFlow<T, I>>>,
    S: Serdes<I> + Serdes<T>,
{
    let mut initial = Some(initial);
    let condition = Condition { name: &name, handle: &handle, check: &check, serdes: &serdes };
    let attempt = |number, carried, initial| async move {
        match condition.state(carried, initial).await {
            Ok(state) => condition.check(number, state).await,
            Err(error) => {
                condition.handle.fail(error, Failure::Permanent);
                None
            }
        }
    };
    let work = |work| match work {
        Work::Attempt { number, carried } => Some(attempt(number, carried, initial.take())),
        Work::Enter { .. } => None,
    };
    handle.drive(&name, &serdes, work).await
}

/// A condition that is checked in this invocation.
struct Condition<'r, F, S> {
    name: &'r OperationName<'r>,
    handle: &'r LiveHandle,
    check: &'r F,
    serdes: &'r S,
}

impl<F, S> Clone for Condition<'_, F, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, S> Copy for Condition<'_, F, S> {}

impl<'r, F, S> Condition<'r, F, S> {
    fn of_state(self) -> SerdesContext<'r> {
        self.handle.serdes_context().of_kind(PayloadKind::State)
    }

    /// The state that the check gets, always as a replay would see it.
    async fn state<I>(self, carried: Option<String>, initial: Option<I>) -> Result<I, ErrorObject>
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
    async fn check<I, T, Fut>(self, attempt: u32, state: I) -> Option<T>
    where
        F: Fn(I, StepContext) -> Fut,
        Fut: Future<Output = Result<ControlFlow<T, I>>>,
        S: Serdes<I> + Serdes<T>,
    {
        let Self { name, handle, check, serdes } = self;
        let context = StepContext::new(attempt, handle.id.to_string().into());
        match run_in(handle.step_scope(name, attempt), async { check(state, context).await }).await {
            Ok(ControlFlow::Break(result)) => return handle.succeed(result, serdes).await,
            Ok(ControlFlow::Continue(state)) => match round_trip(serdes, &state, self.of_state()).await {
                Ok((text, _)) => handle.unmet(text),
                Err(error) => handle.fail(error, Failure::Permanent),
            },
            Err(error) => handle.fail_body(&error, Failure::Permanent),
        }
        None
    }
}
