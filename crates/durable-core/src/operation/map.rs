//! Maps: one body for many items.

use std::sync::Arc;

use durable_types::sub_type;

use super::OperationName;
use super::future::OperationFuture;
use super::name::UNNAMED;
use crate::batch::{Batch, BatchResult, BatchSerdes, ByItem, Item, Items, Rules, claim, rules};
use crate::context::DurableContext;
use crate::error::Result;
use crate::serdes::{ContextSerdes, Serdes};

/// A map to be awaited; made by [`DurableContext::map`].
#[must_use = "a map does nothing until it is awaited"]
pub struct Map<'c, I: IntoIterator, F, S = ContextSerdes, R = ByItem> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    items: I,
    body: F,
    rules: Rules<'c>,
    item_name: Option<ItemName<'c, I::Item>>,
    item_serdes: S,
    serdes: Option<R>,
}

/// Names an item by what it is and where it stands.
type ItemName<'c, I> = Box<dyn Fn(&I, usize) -> String + Send + 'c>;

impl<'c, I: IntoIterator, F> Map<'c, I, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, items: I, body: F) -> Self {
        Self {
            item_serdes: context.serdes(),
            context,
            name,
            items,
            body,
            rules: Rules::default(),
            item_name: None,
            serdes: None,
        }
    }
}

impl<'c, I: IntoIterator, F, S, R> Map<'c, I, F, S, R> {
    rules!();

    /// Names the items, for those who read the history. Names of items are not their identity: their place is.
    pub fn item_names(mut self, name: impl Fn(&I::Item, usize) -> String + Send + 'c) -> Self {
        self.item_name = Some(Box::new(name));
        self
    }

    /// Records the result of each item with this serdes instead of the one of its context.
    pub fn item_serdes<S2>(self, item_serdes: S2) -> Map<'c, I, F, S2, R> {
        let Self { context, name, items, body, rules, item_name, item_serdes: _, serdes } = self;
        Map { context, name, items, body, rules, item_name, item_serdes, serdes }
    }

    /// Records all results together with this serdes, which must keep what the code looks at: the items, their results,
    /// and why the map was complete.
    pub fn serdes<R2>(self, serdes: R2) -> Map<'c, I, F, S, R2> {
        let Self { context, name, items, body, rules, item_name, item_serdes, serdes: _ } = self;
        Map { context, name, items, body, rules, item_name, item_serdes, serdes: Some(serdes) }
    }
}

impl<'c, I, F, Fut, T, S, R> IntoFuture for Map<'c, I, F, S, R>
where
    I: IntoIterator,
    I::Item: Send + 'c,
    F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
    R: Serdes<BatchResult<T>> + 'c,
{
    type Output = Result<BatchResult<T>>;
    type IntoFuture = OperationFuture<'c, BatchResult<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, name, items, body, rules, item_name, item_serdes, serdes } = self;
        let items: Vec<I::Item> = items.into_iter().collect();
        let total = items.len();
        let body = Arc::new(body);
        let items: Items<'c, T> = Box::new(items.into_iter().enumerate().map(move |(index, item)| {
            let name = item_name.as_ref().map_or(UNNAMED, |name| name(&item, index).into());
            let body = Arc::clone(&body);
            Item { name, body: Box::new(move |ctx| Box::pin(body(ctx, item, index))) }
        }));
        let (sub_type, item_sub_type) = (sub_type::MAP, sub_type::MAP_ITERATION);
        let batch = Batch { items, total, sub_type, item_sub_type, rules };
        claim(&context, name, batch, BatchSerdes::new(item_serdes, serdes, item_sub_type))
    }
}
