//! Maps: one body, run for many items.

use std::sync::Arc;

use durable_types::sub_type;

use super::begin::begins;
use crate::batch::{Batch, BatchResult, BatchSerdes, Item, Items, Rules, claim, rules};
use crate::context::DurableContext;
use crate::error::Result;
use crate::live::OperationFuture;
use crate::name::{OperationName, UNNAMED};
use crate::serdes::{OperationSerdes, Records, Serdes, SerdesChoice};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs a body for each item concurrently, each in a context of its own, and records the results.
    ///
    /// Items start in order, at most [`max_concurrency`](Map::max_concurrency) at a time. By default the first failure
    /// completes the map: no further items start, and the items in flight are dropped.
    /// [`tolerated_failure_count`](Map::tolerated_failure_count) and the other rules change that. A failed item is not
    /// an error of the map: the [`BatchResult`](crate::batch::BatchResult) holds the outcome of each item. Items may be
    /// borrowed from the handler.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn label(item: &str) -> std::io::Result<String> { Ok(item.to_owned()) }
    /// async fn handler(items: Vec<String>, ctx: DurableContext) -> Result<Vec<String>> {
    ///     let labels = ctx
    ///         .map("ship", &items, async |ctx, item, _index| {
    ///             ctx.step("label", async |_| Ok(label(item).await?)).await
    ///         })
    ///         .max_concurrency(8)
    ///         .await?;
    ///     labels.into_result()
    /// }
    /// ```
    pub fn map<'c, I, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        items: I,
        body: F,
    ) -> Map<'c, I, T, F>
    where
        I: IntoIterator<Item: Send + 'c>,
        T: Send + Sync + 'c,
        F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Map::new(self.base(), name.into(), self.operation_serdes(), items, body)
    }
}

/// The builder of a map, returned by [`DurableContext::map`].
#[must_use = "a map does nothing until it is awaited"]
pub struct Map<'c, I: IntoIterator, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    items: I,
    body: F,
    rules: Rules<'c>,
    item_name: Option<ItemName<'c, I::Item>>,
    serdes: BatchSerdes<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, BatchResult<T>>,
}

/// Names an item, given the item and its index.
type ItemName<'c, I> = Box<dyn Fn(&I, usize) -> String + Send + 'c>;

impl<'c, I, T, F> Map<'c, I, T, F>
where
    I: IntoIterator,
    I::Item: Send + 'c,
    T: Send + Sync + 'c,
{
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        items: I,
        body: F,
    ) -> Self
    where
        F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        let serdes = BatchSerdes::new(serdes, sub_type::MAP_ITERATION);
        Self { context, name, items, body, rules: Rules::default(), item_name: None, serdes, begin }
    }
}

impl<'c, I: IntoIterator, T, F> Map<'c, I, T, F> {
    rules!();

    /// Sets the names of the items as shown in the history; an item is identified by its index, not by its name.
    pub fn item_names(mut self, name: impl Fn(&I::Item, usize) -> String + Send + 'c) -> Self {
        self.item_name = Some(Box::new(name));
        self
    }

    /// Sets the serdes of the record that holds all results; by default the record lists the result of each item as
    /// written by the serdes of the [context](DurableContext::using).
    ///
    /// The serdes must preserve what the code reads: the items, their results and the completion reason. The result of
    /// each item is recorded with the serdes of the context first.
    pub fn batch_serdes(mut self, serdes: impl Serdes<BatchResult<T>> + 'c) -> Self
    where
        T: Sync,
    {
        self.serdes.whole = Some(OperationSerdes::own(Arc::new(serdes)));
        self
    }
}

begins!(Map<'c, I: IntoIterator, T, F> -> BatchResult<T>);

fn begin<'c, I, T, F, Fut>(map: Map<'c, I, T, F>) -> OperationFuture<'c, BatchResult<T>>
where
    I: IntoIterator,
    I::Item: Send + 'c,
    T: Send + Sync + 'c,
    F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
{
    let Map { context, name, items, body, rules, item_name, serdes, begin: _ } = map;
    let items: Vec<I::Item> = items.into_iter().collect();
    let total = items.len();
    let body = Arc::new(body);
    let items: Items<'c, T> = Box::new(items.into_iter().enumerate().map(move |(index, item)| {
        let name = item_name.as_ref().map_or(UNNAMED, |name| name(&item, index).into());
        let body = Arc::clone(&body);
        Item { name, body: Box::new(move |ctx| Box::pin(body(ctx, item, index))) }
    }));
    claim(&context, name, Batch { items, total, sub_type: sub_type::MAP, rules }, serdes)
}
