//! The operations that are driven in this invocation, under keys that are used again.

use durable_types::Timestamp;

use super::{Head, Machine, OperationKey, Settled};
use crate::identity::IdMap;
use crate::{ContextKey, OperationId};

/// One operation with its machine.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) head: Head,
    pub(crate) context: ContextKey,
    pub(crate) machine: Machine,
    /// How it ended, until its future has been told.
    pub(crate) settled: Option<Settled>,
    /// How it ended, held back until all that began before has been claimed; and when it ended.
    pub(crate) held: Option<(Timestamp, Settled)>,
    /// When it ended, if that is recorded but its result is built again.
    pub(crate) ended_at: Option<Timestamp>,
    /// Which of all claims it was.
    pub(crate) order: u64,
    /// Whether it waits for everything recorded in its context to be claimed.
    pub(crate) is_waiting: bool,
    /// Whether its future has been polled: somebody awaits it.
    pub(crate) is_awaited: bool,
    /// Whether its end has been handed out.
    pub(crate) is_done: bool,
    /// The context its body runs in, if it is a context.
    pub(crate) entered: Option<ContextKey>,
}

impl Slot {
    /// Whether only the service can move the operation on. One that has ended may still be held by its future.
    pub(crate) fn is_parked(&self) -> bool {
        !self.is_done && self.settled.is_none() && self.held.is_none() && self.machine.is_parked()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    by_id: IdMap<OperationKey>,
}

impl Slots {
    pub(crate) fn insert(&mut self, slot: Slot) -> OperationKey {
        let id = slot.head.id;
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.slots.push(None);
                self.slots.len() - 1
            }
        };
        if let Some(free) = self.slots.get_mut(index) {
            *free = Some(slot);
        }
        let key = OperationKey(index);
        self.by_id.insert(id, key);
        key
    }

    pub(crate) fn remove(&mut self, key: OperationKey) -> Option<Slot> {
        let slot = self.slots.get_mut(key.0)?.take()?;
        self.by_id.remove(&slot.head.id);
        self.free.push(key.0);
        Some(slot)
    }

    pub(crate) fn of(&self, key: OperationKey) -> Option<&Slot> {
        self.slots.get(key.0)?.as_ref()
    }

    pub(crate) fn of_mut(&mut self, key: OperationKey) -> Option<&mut Slot> {
        self.slots.get_mut(key.0)?.as_mut()
    }

    /// The key of an operation that is driven in this invocation.
    pub(crate) fn key(&self, id: OperationId) -> Option<OperationKey> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().flatten()
    }
}
