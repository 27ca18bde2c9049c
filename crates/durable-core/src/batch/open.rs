//! Runs the branches of an open parallel, to which more can be added.

use std::future::poll_fn;
use std::task::Poll;

use durable_engine::{CompletionReason, Fatal, NewOperation, OperationId};
use durable_types::{ErrorObject, sub_type};
use futures_channel::mpsc;
use futures_util::stream::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::indexed::Indexed;
use super::item::{Begun, Item, Place, RunningItem, begin, place_of};
use super::outcome::Outcome;
use super::record::{Decision, Started, decision};
use super::result::BatchResult;
use super::run::result;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::future_set::{FutureSet, Giver};
use crate::live::{LiveHandle, OperationFuture, Work};
use crate::name::OperationName;
use crate::serdes::{ContextSerdes, Json, from_json, to_json};

/// Branches that are registered one by one, and the rules for running them.
pub(crate) struct OpenBatch<'c> {
    /// Ends when the batch is closed.
    pub(crate) branches: mpsc::UnboundedReceiver<Registered<'c>>,
    pub(crate) max_concurrency: usize,
    pub(crate) is_flat: bool,
}

/// A branch that has not started.
pub(crate) struct Registered<'c>(Box<dyn Branch<'c> + 'c>);

impl<'c> Registered<'c> {
    /// Creates a branch whose result is sent to its handle.
    pub(crate) fn new<T>(item: Item<'c, T>, handle: Giver<Result<T>>) -> Self
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 'c,
    {
        Self(Box::new(TypedBranch { item, handle }))
    }
}

/// A branch with its result type erased.
trait Branch<'c>: Send {
    fn name(&self) -> Option<&str>;

    /// Starts the branch. The future resolves to its outcome without the value, which is sent to the handle.
    fn begin<'b>(self: Box<Self>, place: Place<'b>, serdes: &'b ContextSerdes) -> RunningItem<'b, ()>
    where
        'c: 'b;
}

struct TypedBranch<'c, T> {
    item: Item<'c, T>,
    handle: Giver<Result<T>>,
}

impl<'c, T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 'c> Branch<'c> for TypedBranch<'c, T> {
    fn name(&self) -> Option<&str> {
        self.item.name.as_deref()
    }

    fn begin<'b>(self: Box<Self>, place: Place<'b>, serdes: &'b ContextSerdes) -> RunningItem<'b, ()>
    where
        'c: 'b,
    {
        let Self { item, handle } = *self;
        let begun = begin(place, item, serdes);
        Box::pin(async move {
            let outcome = match begun {
                Begun::Ended(outcome) => outcome,
                Begun::Running(running) => running.await,
            };
            let (outcome, result) = match outcome {
                Outcome::Succeeded { value, .. } => (Outcome::succeeded(String::new(), ()), Ok(value)),
                Outcome::Failed(error) => (Outcome::Failed(error.clone()), Err(error)),
            };
            handle.give(result);
            outcome
        })
    }
}

/// Claims an open parallel.
pub(crate) fn claim_open<'c>(
    context: &DurableContext,
    name: OperationName<'c>,
    batch: OpenBatch<'c>,
) -> OperationFuture<'c, BatchResult<()>> {
    let new = NewOperation::Context { sub_type: sub_type::PARALLEL, index: None };
    if batch.max_concurrency == 0 {
        let problem = "max_concurrency is 0, but must be at least 1".to_owned();
        return OperationFuture::invalid(OperationKind::of(&new), &name, problem);
    }
    OperationFuture::claim(context, name, new, Json, |name, handle, Json| run(name, handle, batch))
}

/// Drives a parallel to its end.
///
/// Its branches run again in every invocation, even after the parallel has ended: code outside sees each result on its
/// own, so a replay must deliver the results in the order in which they arrived live.
async fn run<'c>(
    name: OperationName<'_>,
    handle: LiveHandle,
    batch: OpenBatch<'c>,
) -> Result<BatchResult<()>> {
    let (own, label) = (&handle, &name);
    let mut batch = Some(batch);
    let enter = |batch: OpenBatch<'c>, context: DurableContext, summary| async move {
        let built = context.scope().run(batch.run_in(&context, own, label, summary)).await;
        built.map_err(|error| own.fail(error)).ok()
    };
    let work = |work| match work {
        Work::Enter { context, summary } => batch.take().map(|batch| enter(batch, context, summary)),
        Work::Attempt { .. } | Work::Interrupted { .. } => None,
    };
    handle.drive(&name, &Json, work).await
}

impl OpenBatch<'_> {
    /// Runs the branches and reports the end of the batch.
    async fn run_in(
        mut self,
        context: &DurableContext,
        handle: &LiveHandle,
        name: &OperationName<'_>,
        summary: Option<String>,
    ) -> Result<BatchResult<()>, ErrorObject> {
        context.shared().with(|engine| engine.expose_items(context.key()));
        let decided = summary.map(|summary| from_json::<Decision>(Some(&summary))).transpose()?;
        let recorded = decided.map(|decided| decided.total_count);
        let started = self.run_branches((context, handle.id), recorded.unwrap_or(usize::MAX)).await;
        if let Some(recorded) = recorded.filter(|recorded| *recorded != started.len()) {
            let name = name.as_deref().unwrap_or_default();
            let text = format!(
                "the code diverges from the recorded history: expected parallel `{name}` with {recorded} branches, got {}",
                started.len()
            );
            context.shared().with(|engine| engine.fail(Fatal::NonDeterministic(text)));
            return std::future::pending().await;
        }
        let reason = CompletionReason::AllCompleted;
        match recorded {
            // The parallel is already recorded, so there is nothing to write.
            Some(_) => handle.succeed_text(String::new()),
            None => handle.succeed_by_summary(to_json(&decision(&started, reason, sub_type::PARALLEL))?),
        }
        Ok(result(started, reason))
    }

    /// Runs branches in the order of their registration, until the batch is closed and all have ended.
    ///
    /// If more than `max` branches are registered, returns early with one branch more than `max`.
    async fn run_branches(
        &mut self,
        (batch, batch_id): (&DurableContext, OperationId),
        max: usize,
    ) -> Vec<Started<()>> {
        let serdes = batch.serdes();
        let mut started: Vec<Started<()>> = Vec::new();
        let mut running = FutureSet::new(batch.shared().held_wakers());
        poll_fn(|cx| {
            loop {
                let mut is_closed = false;
                while running.len() < self.max_concurrency && !is_closed {
                    let Poll::Ready(registered) = self.branches.poll_next_unpin(cx) else { break };
                    let Some(Registered(branch)) = registered else {
                        is_closed = true;
                        continue;
                    };
                    let index = started.len();
                    started.push((branch.name().map(str::to_owned), None));
                    if index >= max {
                        return Poll::Ready(std::mem::take(&mut started));
                    }
                    let (sub_type, is_flat) = (sub_type::PARALLEL_BRANCH, self.is_flat);
                    let place = Place { batch, batch_id, sub_type, index: place_of(index), is_flat };
                    running.push(Indexed { index, item: branch.begin(place, &serdes) });
                }
                match running.poll_next(cx) {
                    Poll::Ready(Some((index, outcome))) => {
                        if let Some((_, slot)) = started.get_mut(index) {
                            *slot = Some(outcome);
                        }
                    }
                    Poll::Ready(None) if is_closed => return Poll::Ready(std::mem::take(&mut started)),
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}
