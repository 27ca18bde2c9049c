//! Rebuilds the results of a finished batch from the operations inside its items.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use durable_engine::{CompletionReason, OperationId};
use durable_types::ErrorObject;

use super::indexed::Indexed;
use super::item::{Begun, Items, Place, RunningItem, begin, place_of};
use super::outcome::Outcome;
use super::record::{Decision, Started, reason};
use super::rules::Rules;
use super::serdes::BatchSerdes;
use crate::context::DurableContext;
use crate::future_set::FutureSet;
use crate::rest::Rest;
use crate::shared::Shared;

/// Runs exactly those items again that had ended when the batch was complete.
///
/// They run one at a time: their operations are recorded, so running them concurrently would gain nothing, and an item
/// that has ended needs no memory. An item that awaits something other than the result of an operation, such as a timer,
/// a blocking task, or an item after it, is set aside and runs concurrently with those after it, within the maximum
/// concurrency of the batch.
pub(super) async fn rebuild<'b, 'c: 'b, T: Send + Sync + 'c>(
    (items, rules): (Items<'c, T>, &Rules<'c>),
    (batch, batch_id): (&'b DurableContext, OperationId),
    decided: Decision,
    serdes: &'b BatchSerdes<'c, T>,
) -> Result<(Vec<Started<T>>, CompletionReason), ErrorObject> {
    let reason = reason(&decided.completion_reason)?;
    let (is_flat, max_concurrency) = (rules.is_flat, rules.max_concurrency.unwrap_or(usize::MAX));
    let mut started: Vec<Started<T>> = Vec::with_capacity(items.size_hint().0);
    if is_flat {
        batch.shared().drive(|engine| engine.reserve_virtual(started.capacity().min(decided.total_count)));
    }
    let mut set_aside = SetAside(FutureSet::new(batch.shared().held_wakers()));
    for (index, item) in items.take(decided.total_count).enumerate() {
        started.push((item.name.as_deref().map(str::to_owned), None));
        if decided.started_indexes.binary_search(&index).is_ok() {
            continue;
        }
        poll_fn(|cx| set_aside.poll_until(max_concurrency, &mut started, cx)).await;
        let place = Place { batch, batch_id, sub_type: serdes.sub_type, index: place_of(index), is_flat };
        let mut item = match begin(place, item, &serdes.items) {
            Begun::Ended(outcome) => {
                keep(&mut started, index, outcome);
                continue;
            }
            Begun::Running(item) => {
                Current { item, operations: 0, rest: Rest::default(), shared: batch.shared() }
            }
        };
        let ended = poll_fn(|cx| {
            let _ = set_aside.poll_until(1, &mut started, cx);
            item.poll(cx)
        });
        match ended.await {
            Some(outcome) => keep(&mut started, index, outcome),
            None => set_aside.0.push(Indexed { index, item: item.item }),
        }
    }
    poll_fn(|cx| set_aside.poll_until(1, &mut started, cx)).await;
    Ok((started, reason))
}

/// The item whose turn it is.
struct Current<'b, T> {
    item: RunningItem<'b, T>,
    /// The number of operations that it has in use.
    operations: usize,
    rest: Rest,
    shared: &'b Shared,
}

impl<T> Current<'_, T> {
    /// Polls the item. Returns `None` if it awaits something other than the result of an operation: it has no operation
    /// in use, or those that it has make no progress, because their bodies await something or nothing is recorded of
    /// their ends.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<T>>> {
        let before = self.shared.operations_in_use();
        if let Poll::Ready(outcome) = self.item.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        let after = self.shared.operations_in_use();
        self.operations = (self.operations + after).saturating_sub(before);
        if self.operations == 0 || self.shared.poll_rest(&mut self.rest, cx) {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// Items that await something other than the result of an operation.
struct SetAside<'b, T>(FutureSet<Indexed<RunningItem<'b, T>>>);

impl<T> SetAside<'_, T> {
    /// Polls the items that were woken. Returns ready when fewer than `max` have not ended.
    fn poll_until(&mut self, max: usize, started: &mut [Started<T>], cx: &mut Context<'_>) -> Poll<()> {
        while self.0.len() >= max
            && let Some((index, outcome)) = ready!(self.0.poll_next(cx))
        {
            keep(started, index, outcome);
        }
        Poll::Ready(())
    }
}

fn keep<T>(started: &mut [Started<T>], index: usize, outcome: Outcome<T>) {
    if let Some((_, kept)) = started.get_mut(index) {
        *kept = Some(outcome.forget_text());
    }
}
