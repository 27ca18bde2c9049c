//! Waiting for a condition: checks again and again, and does not run in between.

use std::ops::ControlFlow;

use durable_engine::{Failure, NewOperation, Progress, WaitStrategy};

use super::OperationName;
use super::body::run_in;
use super::future::{OperationFuture, operation_future};
use super::handle::LiveHandle;
use crate::serdes::{deserialize, round_trip};
use crate::{ConditionError, ContextSerdes, DurableContext, Result, Serdes, StepContext};

/// A condition to be waited for; made by [`DurableContext::wait_for_condition`].
#[must_use = "it does nothing until it is awaited"]
pub struct WaitForCondition<'c, I, F, S = ContextSerdes> {
    pub(super) context: DurableContext,
    name: OperationName<'c>,
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
    pub fn strategy(mut self, strategy: WaitStrategy) -> Self {
        self.strategy = strategy;
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
    type Output = Result<T, ConditionError>;
    type IntoFuture = WaitForConditionFuture<'c, T>;

    fn into_future(self) -> WaitForConditionFuture<'c, T> {
        let Self { context, name, initial, check, strategy, serdes } = self;
        let new = NewOperation::WaitForCondition { strategy };
        let live = |name, handle, serdes| run(name, handle, initial, check, serdes);
        WaitForConditionFuture(OperationFuture::claim(&context, name, new, serdes, live))
    }
}

operation_future! {
    /// A condition that is waited for.
    WaitForConditionFuture<T>, ConditionError
}

/// Checks the condition whenever the service says that it is time.
async fn run<I, F, Fut, T, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    initial: I,
    check: F,
    serdes: S,
) -> Result<T, ConditionError>
where
    F: Fn(I, StepContext) -> Fut,
    Fut: Future<Output = Result<ControlFlow<T, I>>>,
    S: Serdes<I> + Serdes<T>,
{
    let mut initial = Some(initial);
    let mut value = None;
    loop {
        let (attempt, carried) = match handle.progress().await {
            Progress::Run { attempt, carried } => (attempt, carried),
            Progress::Settled(settled) => return handle.settle(&name, settled, value, &serdes).await,
            Progress::Pending | Progress::Enter { .. } | Progress::Created { .. } | Progress::Orphaned => {
                continue;
            }
        };
        let state = match (carried, initial.take()) {
            (Some(carried), _) => deserialize(&serdes, Some(&carried), handle.serdes_context()).await,
            // What the check sees is always what a replay would see.
            (None, Some(initial)) => {
                let context = handle.serdes_context().unrecorded();
                round_trip(&serdes, &initial, context).await.map(|(_, state)| state)
            }
            (None, None) => deserialize(&serdes, None, handle.serdes_context()).await,
        };
        let state = match state {
            Ok(state) => state,
            Err(error) => {
                handle.fail(error, Failure::Permanent);
                continue;
            }
        };
        let context = StepContext::new(attempt, handle.id.to_string().into());
        match run_in(handle.step_scope(&name, attempt), async { check(state, context).await }).await {
            Ok(ControlFlow::Break(result)) => value = handle.succeed(result, &serdes).await,
            Ok(ControlFlow::Continue(state)) => {
                match round_trip(&serdes, &state, handle.serdes_context()).await {
                    Ok((text, _)) => handle.unmet(text),
                    Err(error) => handle.fail(error, Failure::Permanent),
                }
            }
            Err(error) => handle.fail_body(&error, Failure::Permanent),
        }
    }
}
