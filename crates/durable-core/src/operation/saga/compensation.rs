//! Compensations that are registered explicitly.

use std::sync::Arc;

use durable_engine::NewOperation;

use super::compensations::Entry;
use super::context::SagaContext;
use super::outcome::Outcome;
use super::undo::UndoFuture;
use crate::error::Result;
use crate::name::OperationName;
use crate::retry::RetryPolicy;
use crate::step_context::StepContext;

/// The scope of compensations that do not belong to a step; it is never recorded.
const BY_HAND: NewOperation = NewOperation::Context { sub_type: "SagaCompensation", index: None };

impl<'c> SagaContext<'c> {
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
        let entry = Entry { place, name: name.clone(), retry: self.retry().clone(), outcome, undo };
        let index = self.compensations().register(entry);
        Compensation { saga: self.clone(), name, index }
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
}

/// A registered compensation, returned by [`SagaContext::compensate`].
///
/// Use it to set options; dropping it has no effect.
pub struct Compensation<'c> {
    saga: SagaContext<'c>,
    name: OperationName<'c>,
    index: usize,
}

impl<'c> Compensation<'c> {
    /// Sets the retry policy of the compensation; defaults to that of the [saga](super::Saga::compensation_retry).
    pub fn retry(self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        let policy = policy.into();
        self.saga.check(&self.name, policy.problem("its retry strategy"));
        self.saga.compensations().amend(self.index, |entry| entry.retry = policy);
        self
    }
}
