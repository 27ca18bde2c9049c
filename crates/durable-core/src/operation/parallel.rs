//! Parallels: branches with a body each.

use std::sync::Arc;

use durable_types::sub_type;

use super::begin::begins;
use crate::batch::{Batch, BatchResult, BatchSerdes, Item, Rules, claim, rules};
use crate::context::DurableContext;
use crate::error::Result;
use crate::live::OperationFuture;
use crate::name::OperationName;
use crate::serdes::{OperationSerdes, Records, Serdes, SerdesChoice};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs branches concurrently, each in a context of its own, and records the results.
    ///
    /// Behaves like [`map`](Self::map), with a separate body per branch.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<Vec<u32>> {
    ///     let both = ctx
    ///         .parallel("both")
    ///         .branch("slow", async |ctx| {
    ///             ctx.wait("settle", Duration::from_secs(60)).await?;
    ///             Ok(1)
    ///         })
    ///         .branch("quick", async |ctx| ctx.step("count", async |_| Ok(2)).await)
    ///         .await?;
    ///     both.into_result()
    /// }
    /// ```
    pub fn parallel<'c, T>(&self, name: impl Into<OperationName<'c>>) -> Parallel<'c, T>
    where
        T: Send + Sync + 'c,
        S: Records<'c, T>,
    {
        Parallel::new(self.base(), name.into(), self.operation_serdes())
    }
}

/// The builder of a parallel, returned by [`DurableContext::parallel`].
#[must_use = "a parallel does nothing until it is awaited"]
pub struct Parallel<'c, T> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    branches: Vec<Item<'c, T>>,
    rules: Rules<'c>,
    serdes: BatchSerdes<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, BatchResult<T>>,
}

impl<'c, T: Send + Sync + 'c> Parallel<'c, T> {
    pub(crate) fn new(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
    ) -> Self {
        let serdes = BatchSerdes::new(serdes, sub_type::PARALLEL_BRANCH);
        Self { context, name, branches: Vec::new(), rules: Rules::default(), serdes, begin }
    }
}

impl<'c, T> Parallel<'c, T> {
    rules!();

    /// Adds a branch; it is identified by its index, and its name is only shown in the history.
    pub fn branch<F, Fut>(mut self, name: impl Into<OperationName<'c>>, body: F) -> Self
    where
        F: Fn(DurableContext) -> Fut + Send + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        let body = Box::new(move |ctx| -> std::pin::Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>> {
            Box::pin(body(ctx))
        });
        self.branches.push(Item { name: name.into(), body });
        self
    }

    /// Sets the serdes of the record that holds all results; by default the record lists the result of each branch as
    /// written by the serdes of the [context](DurableContext::using).
    ///
    /// The serdes must preserve what the code reads: the branches, their results and the completion reason. The result
    /// of each branch is recorded with the serdes of the context first.
    pub fn batch_serdes(mut self, serdes: impl Serdes<BatchResult<T>> + 'c) -> Self
    where
        T: Sync,
    {
        self.serdes.whole = Some(OperationSerdes::own(Arc::new(serdes)));
        self
    }
}

begins!(Parallel<'c, T> -> BatchResult<T>);

fn begin<'c, T: Send + Sync + 'c>(parallel: Parallel<'c, T>) -> OperationFuture<'c, BatchResult<T>> {
    let Parallel { context, name, branches, rules, serdes, begin: _ } = parallel;
    let total = branches.len();
    let items = Box::new(branches.into_iter());
    claim(&context, name, Batch { items, total, sub_type: sub_type::PARALLEL, rules }, serdes)
}
