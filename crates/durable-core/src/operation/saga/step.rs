//! Steps of a saga and their compensations.

use std::sync::Arc;
use std::time::Duration;

use durable_engine::{NewOperation, StepSemantics};
use durable_types::OperationStatus;

use super::compensations::Entry;
use super::context::SagaContext;
use super::outcome::{Noting, Outcome};
use super::undo::{Succeeded, UndoFuture, UndoStep};
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result};
use crate::live::OperationFuture;
use crate::name::OperationName;
use crate::operation::step::Step;
use crate::retry::RetryPolicy;
use crate::scope::Scope;
use crate::serdes::{Reads, Records, SerdesChoice, ValueReader};
use crate::step_context::StepContext;

impl<'c, S: SerdesChoice> SagaContext<'c, S> {
    /// Runs code and records its result, like [`DurableContext::step`].
    ///
    /// Set its [compensation](SagaStep::compensate), then await it. Use a plain step if there is nothing to undo.
    pub fn step<'s, T, F, Fut>(&self, name: impl Into<OperationName<'s>>, body: F) -> SagaStep<'s, 'c, T, F>
    where
        T: Send + Sync + 's,
        F: Fn(StepContext) -> Fut + Send + Sync + 's,
        Fut: Future<Output = Result<T>> + Send + 's,
        S: Records<'s, T> + Reads<'c, T>,
    {
        let step = self.context().step(name, body);
        let saga = self.with_context(self.context().base());
        SagaStep { saga, step, reader: self.context().reader() }
    }
}

/// A step that still needs its compensation, returned by [`SagaContext::step`].
#[must_use = "say how it is undone with `compensate`, then await it; a step without a compensation is `ctx.step`"]
pub struct SagaStep<'s, 'c, T, F> {
    saga: SagaContext<'c>,
    step: Step<'s, T, F>,
    /// Reads the result for the compensation.
    reader: ValueReader<'c, T>,
}

impl<'s, 'c, T, F> SagaStep<'s, 'c, T, F> {
    /// Sets the compensation, which runs as a step of its own if this step succeeds and the saga fails.
    ///
    /// The body receives the recorded result of the step. It may borrow from the handler, but not from the body of the
    /// saga, which has ended by then. Return what the compensation needs from there as part of the step's result.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn book(city: &str) -> std::io::Result<u32> { Ok(7) }
    /// # async fn cancel(city: &str, booking: u32) -> std::io::Result<()> { Ok(()) }
    /// # async fn handler(city: String, ctx: DurableContext) -> Result<u32> {
    /// let trip = ctx
    ///     .saga("trip", async |_, saga| {
    ///         saga
    ///             .step("hotel", async |_| Ok(book(&city).await?))
    ///             .compensate(async |hotel, _| Ok(cancel(&city, hotel).await?))
    ///             .await
    ///     })
    ///     .await?;
    /// # Ok(trip)
    /// # }
    /// ```
    pub fn compensate<C, Fut>(self, body: C) -> CompensatedStep<'s, 'c, T, F>
    where
        C: Fn(T, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
    {
        let undo_name = self.step.name.derived("undo-", "");
        let undo_retry = self.saga.retry().clone();
        let undo = Box::new(move |result, step| -> UndoFuture<'c> { Box::pin(body(result, step)) });
        CompensatedStep { step: self, undo, undo_name, undo_retry }
    }

    /// Returns the step with other options.
    pub(in crate::operation) fn configured(
        self,
        configure: impl FnOnce(Step<'s, T, F>) -> Step<'s, T, F>,
    ) -> Self {
        Self { step: configure(self.step), ..self }
    }

    /// Sets the retry policy of the step; see [`Step::retry`].
    pub fn retry(self, policy: impl Into<RetryPolicy<'s>>) -> Self {
        Self { step: self.step.retry(policy), ..self }
    }

    /// Sets the predicate that says which errors may be retried; see [`Step::retry_if`].
    pub fn retry_if(self, predicate: impl Fn(&Error) -> bool + Send + Sync + 's) -> Self {
        Self { step: self.step.retry_if(predicate), ..self }
    }

    /// Sets the time limit of each attempt; see [`Step::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { step: self.step.timeout(timeout), ..self }
    }

    /// Sets what happens if the invocation ends while the body runs; see [`Step::semantics`].
    pub fn semantics(self, semantics: StepSemantics) -> Self {
        Self { step: self.step.semantics(semantics), ..self }
    }
}

/// The builder of a step with its compensation, returned by [`SagaStep::compensate`].
#[must_use = "a step does nothing until it is awaited"]
pub struct CompensatedStep<'s, 'c, T, F> {
    step: SagaStep<'s, 'c, T, F>,
    undo: UndoStep<'c, T>,
    undo_name: OperationName<'c>,
    undo_retry: RetryPolicy<'c>,
}

impl<'c, T, F> CompensatedStep<'_, 'c, T, F> {
    pub(in crate::operation) fn context(&self) -> &DurableContext {
        self.step.saga.context()
    }

    pub(in crate::operation) fn name(&self) -> Option<&str> {
        self.step.step.name.as_deref()
    }

    /// Sets the name of the compensation; defaults to the name of the step with the prefix `undo-`.
    pub fn compensation_name(mut self, name: impl Into<OperationName<'c>>) -> Self {
        self.undo_name = name.into();
        self
    }

    /// Sets the retry policy of the compensation; defaults to that of the [saga](super::Saga::compensation_retry).
    pub fn compensation_retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.undo_retry = policy.into();
        self
    }
}

/// The scope of compensations that belong to a step; it is never recorded.
const OF_STEP: NewOperation = NewOperation::Context { sub_type: "SagaStep", index: None };

impl<'s, 'c, T: Send + 's + 'c, F> IntoFuture for CompensatedStep<'s, 'c, T, F> {
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'s, T>;

    fn into_future(self) -> OperationFuture<'s, T> {
        let Self { step: SagaStep { saga, step, reader }, undo, undo_name, undo_retry } = self;
        let outcome = Arc::new(Outcome::default());
        let of_name = undo_name.problem().map(|problem| format!("as for its compensation, {problem}"));
        let of_retry = || undo_retry.problem("the retry strategy of its compensation");
        if let Some(problem) = of_name.or_else(of_retry) {
            return OperationFuture::invalid(OperationKind::Step, &step.name, problem);
        }
        saga.check(&undo_name, None);
        let (id, recorded) = saga.context().recorded_step(&step.name);
        if let Some(mut recorded) = recorded.filter(|recorded| recorded.status == OperationStatus::Succeeded)
        {
            // Known at once, whether or not the step is awaited.
            let result = recorded.take_step_details().result;
            outcome.note(result.as_deref().unwrap_or("null"));
        }
        let of_step = Succeeded { context: saga.context().clone(), id, outcome: Arc::clone(&outcome) };
        saga.compensations().register(Entry {
            place: saga.place(&step.name, &OF_STEP),
            name: undo_name,
            retry: undo_retry,
            outcome: Arc::clone(&outcome),
            undo: of_step.undone_by(reader, undo),
        });
        let noted = Arc::clone(&outcome);
        let step = step.read_by(|reader| ValueReader::own(Noting { reader, outcome: noted }));
        // The code may be in a virtual context of the saga, which `check` allows.
        let step = Scope::enter(&mut Some(saga.context().scope()), || step.into_future());
        // A result that is noted may still be too large to record.
        step.or_else(move || outcome.forget())
    }
}
