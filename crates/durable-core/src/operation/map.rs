//! Maps: one body for many items.

use std::sync::Arc;

use durable_types::sub_type;

use super::OperationName;
use super::future::{OperationFuture, operation_future};
use crate::batch::{Batch, Item, Items, Rules, claim, rules};
use crate::{BatchError, BatchResult, DurableContext, Json, Result, Serdes, UNNAMED};

/// A map to be awaited; made by [`DurableContext::map`].
#[must_use = "a map does nothing until it is awaited"]
pub struct Map<'c, I: IntoIterator, F, S = Json> {
    context: &'c DurableContext,
    name: OperationName<'c>,
    items: I,
    body: F,
    rules: Rules,
    item_name: Option<ItemName<'c, I::Item>>,
    serdes: S,
}

/// Names an item by what it is and where it stands.
type ItemName<'c, I> = Box<dyn Fn(&I, usize) -> String + Send + 'c>;

impl<'c, I: IntoIterator, F> Map<'c, I, F> {
    pub(crate) fn new(context: &'c DurableContext, name: OperationName<'c>, items: I, body: F) -> Self {
        Self { context, name, items, body, rules: Rules::default(), item_name: None, serdes: Json }
    }
}

impl<'c, I: IntoIterator, F, S> Map<'c, I, F, S> {
    rules!();

    /// Names the items, for those who read the history. Names of items are not their identity: their place is.
    pub fn item_names(mut self, name: impl Fn(&I::Item, usize) -> String + Send + 'c) -> Self {
        self.item_name = Some(Box::new(name));
        self
    }

    /// Records the result of each item with this serdes instead of as JSON.
    pub fn item_serdes<S2>(self, serdes: S2) -> Map<'c, I, F, S2> {
        let Self { context, name, items, body, rules, item_name, serdes: _ } = self;
        Map { context, name, items, body, rules, item_name, serdes }
    }
}

impl<'c, I, F, Fut, T, S> IntoFuture for Map<'c, I, F, S>
where
    I: IntoIterator,
    I::Item: Send + 'c,
    F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
{
    type Output = Result<BatchResult<T>, BatchError>;
    type IntoFuture = MapFuture<'c, BatchResult<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, name, items, body, rules, item_name, serdes } = self;
        let items: Vec<I::Item> = items.into_iter().collect();
        let total = items.len();
        let body = Arc::new(body);
        let items: Items<'c, T> = Box::new(items.into_iter().enumerate().map(move |(index, item)| {
            let name = item_name.as_ref().map_or(UNNAMED, |name| name(&item, index).into());
            let body = Arc::clone(&body);
            Item { name, body: Box::new(move |ctx| Box::pin(body(ctx, item, index))) }
        }));
        let (sub_type, item_sub_type) = (sub_type::MAP, sub_type::MAP_ITERATION);
        MapFuture(claim(context, name, Batch { items, total, sub_type, item_sub_type, rules }, serdes))
    }
}

operation_future! {
    /// A map that has begun.
    MapFuture<T>, BatchError
}
