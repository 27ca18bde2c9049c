//! Parallels: many bodies, each of its own.

use durable_types::sub_type;

use super::OperationName;
use super::future::OperationFuture;
use crate::batch::{Batch, BatchResult, BatchSerdes, ByItem, Item, Rules, claim, rules};
use crate::context::DurableContext;
use crate::error::Result;
use crate::serdes::{ContextSerdes, Serdes};

/// Branches to be run side by side; made by [`DurableContext::parallel`].
#[must_use = "a parallel does nothing until it is awaited"]
pub struct Parallel<'c, T, S = ContextSerdes, R = ByItem> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    branches: Vec<Item<'c, T>>,
    rules: Rules<'c>,
    item_serdes: S,
    serdes: Option<R>,
}

impl<'c, T> Parallel<'c, T> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>) -> Self {
        Self {
            item_serdes: context.serdes(),
            context,
            name,
            branches: Vec::new(),
            rules: Rules::default(),
            serdes: None,
        }
    }
}

impl<'c, T, S, R> Parallel<'c, T, S, R> {
    rules!();

    /// Adds a branch. Its name is for those who read the history: its place is its identity.
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

    /// Records the result of each branch with this serdes instead of the one of its context.
    pub fn item_serdes<S2>(self, item_serdes: S2) -> Parallel<'c, T, S2, R> {
        let Self { context, name, branches, rules, item_serdes: _, serdes } = self;
        Parallel { context, name, branches, rules, item_serdes, serdes }
    }

    /// Records all results together with this serdes, which must keep what the code looks at: the branches, their
    /// results, and why the parallel was complete.
    pub fn serdes<R2>(self, serdes: R2) -> Parallel<'c, T, S, R2> {
        let Self { context, name, branches, rules, item_serdes, serdes: _ } = self;
        Parallel { context, name, branches, rules, item_serdes, serdes: Some(serdes) }
    }
}

impl<'c, T, S, R> IntoFuture for Parallel<'c, T, S, R>
where
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
    R: Serdes<BatchResult<T>> + 'c,
{
    type Output = Result<BatchResult<T>>;
    type IntoFuture = OperationFuture<'c, BatchResult<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, name, branches, rules, item_serdes, serdes } = self;
        let total = branches.len();
        let items = Box::new(branches.into_iter());
        let (sub_type, item_sub_type) = (sub_type::PARALLEL, sub_type::PARALLEL_BRANCH);
        let batch = Batch { items, total, sub_type, item_sub_type, rules };
        claim(&context, name, batch, BatchSerdes::new(item_serdes, serdes, item_sub_type))
    }
}
