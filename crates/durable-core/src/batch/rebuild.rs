//! Rebuilds the results of a finished batch from the operations inside its items.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use durable_engine::{CompletionReason, OperationId};
use durable_types::ErrorObject;

use super::item::{Begun, Place, RunningItem, begin, place_of};
use super::outcome::Outcome;
use super::record::{Decision, Started, reason};
use super::run::{Batch, Indexed};
use super::serdes::BatchSerdes;
use crate::context::DurableContext;
use crate::future_set::FutureSet;
use crate::serdes::Serdes;
use crate::shared::Shared;

/// Runs exactly those items again that had ended when the batch was complete.
///
/// They run one at a time: their operations are recorded, so running them concurrently would gain nothing, and an item
/// that has ended needs no memory. An item that awaits something other than an operation, such as a timer or a blocking
/// task, is set aside and runs concurrently with those after it.
pub(super) async fn rebuild<'b, 'c: 'b, T: Send + Sync + 'c>(
    batch: Batch<'c, T>,
    (context, batch_id): (&'b DurableContext, OperationId),
    decided: Decision,
    serdes: &'b BatchSerdes<'c, T>,
) -> Result<(Vec<Started<T>>, CompletionReason), ErrorObject> {
    let reason = reason(&decided.completion_reason)?;
    let mut items: Vec<Started<T>> = Vec::with_capacity(batch.total);
    let mut set_aside = SetAside(FutureSet::new(context.shared().held_wakers()));
    for (index, item) in batch.items.take(decided.total_count).enumerate() {
        items.push((item.name.as_deref().map(str::to_owned), None));
        if decided.started_indexes.binary_search(&index).is_ok() {
            continue;
        }
        let (sub_type, is_flat) = (serdes.sub_type, batch.rules.is_flat);
        let place = Place { batch: context, batch_id, sub_type, index: place_of(index), is_flat };
        let mut item = match begin(place, item, &serdes.items) {
            Begun::Ended(outcome) => {
                keep(&mut items, index, outcome);
                continue;
            }
            Begun::Running(item) => Current { item, operations: 0, shared: context.shared() },
        };
        let ended = poll_fn(|cx| {
            let _ = set_aside.poll(&mut items, cx);
            item.poll(cx)
        });
        match ended.await {
            Some(outcome) => keep(&mut items, index, outcome),
            None => set_aside.0.push(Indexed { index, item: item.item }),
        }
    }
    poll_fn(|cx| set_aside.poll(&mut items, cx)).await;
    Ok((items, reason))
}

/// The item whose turn it is.
struct Current<'b, 'c, T, S> {
    item: RunningItem<'b, 'c, T, S>,
    /// The number of operations that it has in use.
    operations: usize,
    shared: &'b Shared,
}

impl<'b, 'c: 'b, T: Send + Sync + 'c, S: Serdes<T>> Current<'b, 'c, T, S> {
    /// Polls the item. Returns `None` if it awaits something other than an operation.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<T>>> {
        let before = self.shared.drive(|engine| engine.operations_in_use());
        if let Poll::Ready(outcome) = Pin::new(&mut self.item).poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        let after = self.shared.drive(|engine| engine.operations_in_use());
        self.operations = (self.operations + after).saturating_sub(before);
        if self.operations == 0 { Poll::Ready(None) } else { Poll::Pending }
    }
}

/// Items that await something other than an operation.
struct SetAside<'b, 'c, T, S>(FutureSet<Indexed<RunningItem<'b, 'c, T, S>>>);

impl<'b, 'c: 'b, T: Send + Sync + 'c, S: Serdes<T>> SetAside<'b, 'c, T, S> {
    /// Polls the items that were woken. Returns ready when all have ended.
    fn poll(&mut self, items: &mut [Started<T>], cx: &mut Context<'_>) -> Poll<()> {
        while let Some((index, outcome)) = ready!(self.0.poll_next(cx)) {
            keep(items, index, outcome);
        }
        Poll::Ready(())
    }
}

fn keep<T>(items: &mut [Started<T>], index: usize, outcome: Outcome<T>) {
    if let Some((_, kept)) = items.get_mut(index) {
        *kept = Some(outcome.forget_text());
    }
}
