//! Operations between their claims and their releases.

use slab::Slab;

use super::gate::GateKey;
use super::result_order::{ResultOrder, Tie};
use crate::identity::OperationId;
use crate::operation_key::OperationKey;

/// The operations that were claimed and have not been released.
#[derive(Debug)]
pub(super) struct ClaimedOperations<T>(Slab<Claimed<T>>);

/// An operation between its claim and its release.
#[derive(Debug)]
pub(super) struct Claimed<T> {
    pub(super) claim: u64,
    pub(super) id: OperationId,
    pub(super) tie: Tie,
    pub(super) gate: GateKey,
    /// Whether its future has been polled since it last returned something.
    pub(super) is_awaited: bool,
    /// The number of results delivered before this one could have been.
    pub(super) eligible_since: u64,
    /// The number of earlier results of the operation, all of which were consumed.
    pub(super) result: u32,
    /// Whether the service can end it at any time.
    pub(super) is_expected: bool,
    pub(super) stage: Stage<T>,
}

/// The progress of an operation at the barrier.
#[derive(Debug)]
pub(super) enum Stage<T> {
    /// It is new and waits until everything recorded in its context has been claimed.
    Waiting,
    /// It has started and has no result yet.
    Active,
    /// It has a result whose turn has not come.
    Deferred { order: ResultOrder, result: T },
    /// Its result has been delivered, but not yet consumed by its future.
    Delivered { number: u64, result: T },
    /// Its result was consumed, or it will never have one.
    Done,
}

impl<T> Default for ClaimedOperations<T> {
    fn default() -> Self {
        Self(Slab::new())
    }
}

impl<T> ClaimedOperations<T> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, operation: Claimed<T>) -> OperationKey {
        let claim = operation.claim;
        OperationKey::new(claim, self.0.insert(operation))
    }

    pub(super) fn get(&self, key: OperationKey) -> Option<&Claimed<T>> {
        self.0.get(key.index()).filter(|operation| operation.claim == key.claim())
    }

    pub(super) fn get_mut(&mut self, key: OperationKey) -> Option<&mut Claimed<T>> {
        self.0.get_mut(key.index()).filter(|operation| operation.claim == key.claim())
    }

    pub(super) fn remove(&mut self, key: OperationKey) -> Option<Claimed<T>> {
        self.get(key)?;
        self.0.try_remove(key.index())
    }
}
