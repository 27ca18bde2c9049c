//! What a saga would have to undo.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use super::outcome::Outcome;
use crate::context::DurableContext;
use crate::error::{Error, Result};
use crate::live::OperationFuture;
use crate::name::OperationName;
use crate::operation::Step;
use crate::retry::RetryPolicy;
use crate::scope::Scope;
use crate::step_context::StepContext;

/// The body of a compensation, whatever its step came to.
pub(super) type Undo<'c> = Arc<dyn Fn(StepContext) -> UndoFuture<'c> + Send + Sync + 'c>;

pub(super) type UndoFuture<'c> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// The compensations of one saga, in the order in which their steps began.
///
/// That order is a matter of the code and not of the clock. A step that needs the result of another began after it and
/// is undone before it.
pub(crate) struct Compensations<'c>(Mutex<Vec<Entry<'c>>>);

/// A step and how it is undone.
pub(super) struct Entry<'c> {
    /// A place of its own, which comes from that of the step. So steps of one name are not undone for each other.
    pub(super) place: DurableContext,
    pub(super) name: OperationName<'c>,
    pub(super) retry: RetryPolicy<'c>,
    pub(super) outcome: Arc<Outcome>,
    pub(super) undo: Undo<'c>,
}

impl<'c> Compensations<'c> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Adds a compensation; where it stands is good for [`amend`](Self::amend).
    pub(super) fn register(&self, entry: Entry<'c>) -> usize {
        self.locked(|entries| {
            entries.push(entry);
            entries.len() - 1
        })
    }

    /// Changes a compensation that was added.
    pub(super) fn amend(&self, index: usize, change: impl FnOnce(&mut Entry<'c>)) {
        self.locked(|entries| entries.get_mut(index).map(change));
    }

    /// Undoes what succeeded, newest first; what comes back could not be undone.
    pub(super) async fn run(&self) -> Vec<Error> {
        let mut entries = self.locked(std::mem::take);
        entries.retain(|entry| entry.outcome.text().is_some());
        // Those that are recorded are claimed first, as new operations wait for that.
        let begin = |entry: Entry<'c>| {
            let begun = entry.is_recorded().then(|| entry.begin());
            (entry, begun)
        };
        let begun: Vec<_> = entries.into_iter().rev().map(begin).collect();
        let mut failed = Vec::new();
        for (entry, begun) in begun {
            let step = begun.unwrap_or_else(|| entry.begin());
            if let Err(error) = step.await {
                failed.push(error);
            }
        }
        failed
    }

    fn locked<R>(&self, f: impl FnOnce(&mut Vec<Entry<'c>>) -> R) -> R {
        // Nothing that may panic runs under the lock, so poisoned entries are still whole ones.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'c> Entry<'c> {
    /// Whether its compensation began in an earlier invocation.
    fn is_recorded(&self) -> bool {
        self.place.recorded_step(&self.name).1.is_some()
    }

    /// Begins the compensation, in the context that is its place.
    fn begin(&self) -> OperationFuture<'c, ()> {
        Scope::enter(&mut Some(self.place.scope()), || self.step().into_future())
    }

    fn step(&self) -> Step<'c, (), impl Fn(StepContext) -> UndoFuture<'c> + use<'c>> {
        let undo = Arc::clone(&self.undo);
        self.place.step(self.name.clone(), move |step| undo(step)).retry(self.retry.clone())
    }
}
