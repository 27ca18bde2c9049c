//! The context in which the body of a saga registers compensations.

use std::fmt;
use std::sync::Arc;

use durable_engine::{Fatal, NewOperation};

use super::compensation::Compensation;
use super::compensations::{Compensations, Entry, UndoFuture};
use super::outcome::Outcome;
use super::step::SagaStep;
use crate::context::DurableContext;
use crate::error::Result;
use crate::name::OperationName;
use crate::retry::RetryPolicy;
use crate::serdes::{ContextSerdes, Reads, Records, SerdesChoice, Using};
use crate::step_context::StepContext;

/// The second argument of a saga's body, which runs steps that can be undone.
///
/// Its steps belong to the saga itself. In a child context, map or parallel inside the saga, use plain steps and
/// [register](Self::compensate) one compensation for all of it once it has ended.
///
/// Clones refer to the same saga.
#[derive(Clone)]
pub struct SagaContext<'c, S = ContextSerdes> {
    context: DurableContext<S>,
    compensations: Arc<Compensations<'c>>,
    retry: RetryPolicy<'c>,
}

/// The scope of compensations that do not belong to a step; it is never recorded.
const BY_HAND: NewOperation = NewOperation::Context { sub_type: "SagaCompensation", index: None };

impl<'c> SagaContext<'c> {
    pub(super) fn new(context: DurableContext, retry: RetryPolicy<'c>) -> Self {
        Self { context, compensations: Arc::new(Compensations::new()), retry }
    }

    /// Returns a context of the same saga whose steps use this serdes; see [`DurableContext::using`].
    ///
    /// A compensation reads the result of its step with the same serdes.
    pub fn using<S>(&self, serdes: S) -> SagaContext<'c, Using<S>> {
        self.with_context(self.context.using(serdes))
    }

    /// Registers a compensation under a name of its own, which runs if the saga fails later.
    ///
    /// Use it for operations other than steps, such as an invocation of another function, a callback or a map.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn void(order: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(order: String, ctx: DurableContext) -> Result<()> {
    ///     ctx.saga("order", async |ctx, saga| {
    ///         let (): () = ctx.invoke("charge", "charges:live", &order).await?;
    ///         saga.compensate("void", async |_| Ok(void(&order).await?));
    ///         ctx.step("ship", async |_| Ok(())).await?;
    ///         Ok(())
    ///     })
    ///     .await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn compensate<C, Fut>(&self, name: impl Into<OperationName<'c>>, body: C) -> Compensation<'c>
    where
        C: Fn(StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
    {
        let name = name.into();
        self.check(&name, name.problem());
        let place = self.place(&name, &BY_HAND);
        let outcome = Arc::new(Outcome::succeeded());
        let undo = Arc::new(move |step| -> UndoFuture<'c> { Box::pin(body(step)) });
        let entry = Entry { place, name: name.clone(), retry: self.retry.clone(), outcome, undo };
        let index = self.compensations.register(entry);
        Compensation::new(self.clone(), name, index)
    }

    /// Registers a compensation with a value from the body of the saga, which a compensation cannot borrow.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn void(receipt: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(order: String, ctx: DurableContext) -> Result<()> {
    ///     ctx.saga("order", async |ctx, saga| {
    ///         let receipt: String = ctx.invoke("charge", "charges:live", &order).await?;
    ///         saga.compensate_with("void", receipt, async |receipt, _| Ok(void(&receipt).await?));
    ///         ctx.step("ship", async |_| Ok(())).await?;
    ///         Ok(())
    ///     })
    ///     .await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn compensate_with<V, C, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        value: V,
        body: C,
    ) -> Compensation<'c>
    where
        V: Clone + Send + Sync + 'c,
        C: Fn(V, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
    {
        self.compensate(name, move |step| body(value.clone(), step))
    }

    /// Fails the execution if the compensation cannot be registered here, where a replay would not register it again.
    pub(super) fn check(&self, name: &OperationName<'_>, problem: Option<String>) {
        let outside = "it was registered in a child context, which is not entered again once it has ended; \
                       register it in the body of the saga itself";
        let problem = problem.or_else(|| (!self.context.is_in_scope()).then(|| outside.to_owned()));
        if let Some(problem) = problem {
            let name = name.as_deref().unwrap_or_default();
            let text = format!("the compensation `{name}` cannot be registered: {problem}");
            self.context.shared().with(|engine| engine.fail(Fatal::Misuse(text)));
        }
    }

    /// Returns the context of the saga, which its body receives as well.
    pub(super) fn context(&self) -> &DurableContext {
        &self.context
    }

    pub(super) fn compensations(&self) -> Arc<Compensations<'c>> {
        Arc::clone(&self.compensations)
    }

    pub(super) fn retry(&self) -> &RetryPolicy<'c> {
        &self.retry
    }

    /// Returns a scope for the id of one compensation.
    pub(super) fn place(&self, name: &OperationName<'_>, new: &NewOperation) -> DurableContext {
        let (key, _) = self.context.open_virtual(name, new);
        DurableContext::new(Arc::clone(self.context.shared()), key, self.context.serdes())
    }
}

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
        let step = self.context.step(name, body);
        SagaStep::new(self.with_context(self.context.base()), step, self.context.reader())
    }
}

impl<'c, S> SagaContext<'c, S> {
    fn with_context<S2>(&self, context: DurableContext<S2>) -> SagaContext<'c, S2> {
        SagaContext { context, compensations: Arc::clone(&self.compensations), retry: self.retry.clone() }
    }
}

impl<S> fmt::Debug for SagaContext<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaContext").field("context", &self.context).finish_non_exhaustive()
    }
}
