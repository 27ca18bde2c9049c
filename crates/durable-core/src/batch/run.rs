//! Runs the items of a batch, a limited number at a time, until it is complete.

use std::collections::VecDeque;
use std::future::poll_fn;

use durable_engine::{CompletionReason, NewOperation, OperationId, Tally};
use durable_types::ErrorObject;

use super::indexed::Indexed;
use super::item::{Begun, Items, Place, begin, place_of};
use super::outcome::Outcome;
use super::rebuild::rebuild;
use super::record::{Decision, Started, decision, record};
use super::result::{BatchItem, BatchResult};
use super::rules::Rules;
use super::serdes::BatchSerdes;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::future_set::FutureSet;
use crate::live::{LiveHandle, OperationFuture, Work};
use crate::name::OperationName;
use crate::serdes::{DeserializeValue as _, from_json, round_trip, to_json};

/// The items to run, and the rules for running them.
pub(crate) struct Batch<'c, T> {
    pub(crate) items: Items<'c, T>,
    pub(crate) total: usize,
    pub(crate) sub_type: &'static str,
    pub(crate) rules: Rules<'c>,
}

/// Claims a batch that is recorded with this serdes.
pub(crate) fn claim<'c, T: Send + Sync + 'c>(
    context: &DurableContext,
    name: OperationName<'c>,
    batch: Batch<'c, T>,
    serdes: BatchSerdes<'c, T>,
) -> OperationFuture<'c, BatchResult<T>> {
    let new = NewOperation::Context { sub_type: batch.sub_type, index: None };
    if let Some(problem) = batch.rules.problem(batch.total) {
        return OperationFuture::invalid(OperationKind::of(&new), &name, problem);
    }
    let live = |name, handle, serdes| run(name, handle, batch, serdes);
    OperationFuture::claim(context, name, new, serdes, live)
}

/// Drives a batch that had not ended when this invocation reached it, or whose result is being rebuilt.
async fn run<'c, T: Send + Sync + 'c>(
    name: OperationName<'_>,
    handle: LiveHandle,
    batch: Batch<'c, T>,
    serdes: BatchSerdes<'c, T>,
) -> Result<BatchResult<T>> {
    let (own, written) = (&handle, &serdes);
    let mut batch = Some(batch);
    let enter = |batch: Batch<'c, T>, context: DurableContext, summary| async move {
        let built = batch.run_in(&context, own, summary, written);
        let built = context.scope().run(built).await;
        built.map_err(|error| own.fail(error)).ok()
    };
    let work = |work| match work {
        Work::Enter { context, summary } => batch.take().map(|batch| enter(batch, context, summary)),
        Work::Attempt { .. } | Work::Interrupted { .. } => None,
    };
    handle.drive(&name, &serdes, work).await
}

impl<'c, T: Send + Sync + 'c> Batch<'c, T> {
    /// Runs the items and reports the end of the batch.
    async fn run_in(
        self,
        context: &DurableContext,
        handle: &LiveHandle,
        summary: Option<String>,
        serdes: &BatchSerdes<'c, T>,
    ) -> Result<BatchResult<T>, ErrorObject> {
        let sub_type = self.sub_type;
        let decided = summary.map(|summary| from_json::<Decision>(Some(&summary))).transpose()?;
        let is_recorded = decided.is_some();
        let (items, reason) = match decided {
            Some(decided) => {
                rebuild((self.items, &self.rules), (context, handle.id), decided, serdes).await?
            }
            None => self.run_items((context, handle.id), serdes).await?,
        };
        if is_recorded && serdes.whole.is_none() {
            // The batch is already recorded, so there is nothing to write.
            handle.succeed_text(String::new());
            return Ok(result(items, reason));
        }
        let summary = to_json(&decision(&items, reason, sub_type))?;
        let (text, result) = match &serdes.whole {
            // The items have already been serialized.
            None => (to_json(&record(&items, reason, serdes.items.is_json())?)?, result(items, reason)),
            Some(whole) => round_trip(whole, &result(items, reason), handle.serdes_context()).await?,
        };
        handle.succeed_summarized(text, summary);
        Ok(result)
    }

    /// Starts items in order, a limited number at a time, until the batch is complete; then drops those in flight.
    async fn run_items<'b>(
        self,
        (batch, batch_id): (&'b DurableContext, OperationId),
        serdes: &'b BatchSerdes<'c, T>,
    ) -> Result<(Vec<Started<T>>, CompletionReason), ErrorObject>
    where
        'c: 'b,
    {
        let Self { mut items, total, rules, .. } = self;
        let sub_type = serdes.sub_type;
        let max_concurrency = rules.max_concurrency.unwrap_or(usize::MAX);
        let mut started: Vec<Started<T>> = Vec::with_capacity(total);
        let mut ended = VecDeque::new();
        let mut running = FutureSet::new(batch.shared().held_wakers());
        let mut tally = Tally { total, ..Tally::default() };
        loop {
            if let Some(reason) = rules.decide(tally, &started)? {
                return Ok((started, reason));
            }
            while ended.len() + running.len() < max_concurrency
                && let Some(item) = items.next()
            {
                let index = started.len();
                let is_flat = rules.is_flat;
                let place = Place { batch, batch_id, sub_type, index: place_of(index), is_flat };
                started.push((item.name.as_deref().map(str::to_owned), None));
                match begin(place, item, &serdes.items) {
                    Begun::Ended(outcome) => ended.push_back((index, outcome)),
                    Begun::Running(item) => running.push(Indexed { index, item }),
                }
            }
            let next = match ended.pop_front() {
                Some(ended) => Some(ended),
                None => poll_fn(|cx| running.poll_next(cx)).await,
            };
            // If nothing is running, all items have ended, and the rules have already found the batch complete above.
            let Some((index, outcome)) = next else { continue };
            if outcome.is_succeeded() {
                tally.succeeded += 1
            } else {
                tally.failed += 1
            }
            if let Some((_, slot)) = started.get_mut(index) {
                *slot = Some(outcome);
            }
        }
    }
}

/// What a batch came to whose items have come to this.
pub(super) fn result<T>(items: Vec<Started<T>>, reason: CompletionReason) -> BatchResult<T> {
    let item = |(index, (name, outcome)): (usize, Started<T>)| {
        let result = outcome.map(|outcome| match outcome {
            Outcome::Succeeded { value, .. } => Ok(value),
            Outcome::Failed(error) => Err(error),
        });
        BatchItem { index, name, result }
    };
    BatchResult { items: items.into_iter().enumerate().map(item).collect(), reason }
}
