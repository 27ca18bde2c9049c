//! What is under way, so that nothing is done twice at a time.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// The calls or invocations that are being made, or whose end has not been recorded yet.
///
/// It outlives the lanes of executions: a lane that takes over within the process finds what an earlier one began.
#[derive(Clone)]
pub(super) struct UnderWay<I: Eq + Hash>(Arc<Mutex<HashSet<I>>>);

/// One of them, until it is dropped.
pub(super) struct Begun<I: Eq + Hash> {
    id: I,
    all: UnderWay<I>,
}

impl<I: Eq + Hash> Default for UnderWay<I> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<I: Clone + Eq + Hash> UnderWay<I> {
    /// Begins something. Returns `None` if it is under way already.
    pub(super) fn begin(&self, id: I) -> Option<Begun<I>> {
        let is_new = self.with(|all| all.insert(id.clone()));
        is_new.then(|| Begun { id, all: Self(Arc::clone(&self.0)) })
    }
}

impl<I: Eq + Hash> UnderWay<I> {
    pub(super) fn contains(&self, id: &I) -> bool {
        self.with(|all| all.contains(id))
    }

    fn with<T>(&self, change: impl FnOnce(&mut HashSet<I>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<I: Eq + Hash> Begun<I> {
    pub(super) fn id(&self) -> &I {
        &self.id
    }
}

impl<I: Eq + Hash> Drop for Begun<I> {
    fn drop(&mut self) {
        self.all.with(|all| all.remove(&self.id));
    }
}
