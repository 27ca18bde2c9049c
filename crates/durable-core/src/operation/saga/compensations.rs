//! The registered compensations of a saga.

use std::sync::{Arc, Mutex, PoisonError};

use super::outcome::Outcome;
use super::undo::{Undo, UndoFuture};
use crate::context::DurableContext;
use crate::error::Error;
use crate::live::OperationFuture;
use crate::name::OperationName;
use crate::operation::step::Step;
use crate::retry::RetryPolicy;
use crate::scope::Scope;
use crate::step_context::StepContext;

/// The compensations of one saga, in the order in which their steps were claimed.
///
/// The code determines that order, not the clock. A step that needs the result of another one was claimed after it and
/// is undone before it.
pub(crate) struct Compensations<'c>(Mutex<Vec<Entry<'c>>>);

/// A compensation and the outcome of its step.
pub(super) struct Entry<'c> {
    /// The scope of the compensation's id, derived from that of the step, so that steps with the same name are not
    /// confused.
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

    /// Adds a compensation and returns its index for [`amend`](Self::amend).
    pub(super) fn register(&self, entry: Entry<'c>) -> usize {
        self.locked(|entries| {
            entries.push(entry);
            entries.len() - 1
        })
    }

    /// Changes a registered compensation.
    pub(super) fn amend(&self, index: usize, change: impl FnOnce(&mut Entry<'c>)) {
        self.locked(|entries| entries.get_mut(index).map(change));
    }

    /// Undoes all steps that succeeded, newest first, and returns the errors of the compensations that failed.
    pub(super) async fn run(&self) -> Vec<Error> {
        let mut entries = self.locked(std::mem::take);
        entries.retain(|entry| entry.outcome.text().is_some());
        // Recorded compensations are claimed first: new operations wait until all recorded ones have been claimed.
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
        // Nothing that can panic runs under the lock, so the entries are consistent even if the lock is poisoned.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'c> Entry<'c> {
    /// Returns whether the compensation started in an earlier invocation.
    fn is_recorded(&self) -> bool {
        self.place.recorded_step(&self.name).1.is_some()
    }

    /// Starts the compensation in the scope of its id.
    fn begin(&self) -> OperationFuture<'c, ()> {
        Scope::enter(&mut Some(self.place.scope()), || self.step().into_future())
    }

    fn step(&self) -> Step<'c, (), impl Fn(StepContext) -> UndoFuture<'c> + use<'c>> {
        let undo = Arc::clone(&self.undo);
        self.place.step(self.name.clone(), move |step| undo(step)).retry(self.retry.clone())
    }
}
