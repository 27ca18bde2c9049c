//! Results that are held back on replay, so that the sides of a race get as far as they had got.
//!
//! A record that began before another ended, or in the same checkpoint, cannot depend on it: the code that claims the
//! one runs beside the code that waits for the other. If the result were handed out at once, a race would be over before
//! its other side had claimed what is recorded of it. So it is held back until that has been claimed, and results are
//! handed out in the order in which they came: those of one checkpoint together, those of this invocation last.

use durable_types::Timestamp;

use super::Engine;
use crate::operation::Settled;
use crate::{ContextKey, OperationKey};

/// When operations end that end in this invocation, as far as records are concerned: after all of them.
const NOW: Timestamp = Timestamp::from_micros(i64::MAX);

impl Engine {
    /// Whether the result of an operation that ended then is to be held back.
    pub(super) fn must_hold(&self, context: ContextKey, ended_at: Timestamp) -> bool {
        if self.wishes.by_name {
            return false;
        }
        let home = self.contexts.home(context);
        self.contexts.of(home).is_some_and(|home| home.held > 0) || !self.is_due(context, ended_at)
    }

    /// Takes note of an operation whose result is held back; false if none is.
    pub(super) fn hold(&mut self, key: OperationKey) -> bool {
        let Some(slot) = self.slots.of(key) else { return false };
        let Some((ended_at, _)) = &slot.held else { return false };
        self.held.insert((*ended_at, key.index()));
        let home = self.contexts.home(slot.context);
        if let Some(home) = self.contexts.of_mut(home) {
            home.held += 1;
        }
        true
    }

    /// An operation has ended in this invocation. What was built again comes in its turn, as if it had been recorded whole,
    /// and what is new comes after all that is held back.
    pub(super) fn settle(&mut self, key: OperationKey, settled: Settled) {
        let Some(slot) = self.slots.of(key) else { return };
        let (ended_at, context) = (slot.ended_at.unwrap_or(NOW), slot.context);
        let is_early = match slot.ended_at {
            Some(ended_at) => self.must_hold(context, ended_at),
            None => self.contexts.of(self.contexts.home(context)).is_some_and(|home| home.held > 0),
        };
        let Some(slot) = self.slots.of_mut(key) else { return };
        if is_early {
            slot.held = Some((ended_at, settled));
            self.hold(key);
        } else {
            slot.settled = Some(settled);
        }
    }

    /// Hands out the first result that need not be held back any more.
    pub(super) fn release_due(&mut self) -> bool {
        let Some(due) = self.held.iter().copied().find(|held| self.is_held_due(*held)) else { return false };
        self.hand_out(due);
        // What ended in the same checkpoint came in the same answer.
        let is_tied = |held: &(Timestamp, usize)| held.0 == due.0 && self.is_held_due(*held);
        let tied: Vec<_> = self.held.iter().copied().filter(is_tied).collect();
        tied.into_iter().for_each(|tied| self.hand_out(tied));
        true
    }

    /// Hands out the first result that is held back only for what began at the very moment when it ended.
    ///
    /// Moments are told in milliseconds, so that may have been the same checkpoint or the next one.
    pub(super) fn release_tied(&mut self) -> bool {
        let tied = self.held.iter().copied().find(|(ended_at, index)| {
            let context = self.slots.of(OperationKey(*index)).map(|slot| slot.context);
            context.is_none_or(|context| self.first_unclaimed(context).is_none_or(|first| first >= *ended_at))
        });
        let Some(tied) = tied else { return false };
        self.hand_out(tied);
        true
    }

    /// Hands out the first result, though not all that began before it has been claimed.
    pub(super) fn release_first(&mut self) -> bool {
        let Some(first) = self.held.first().copied() else { return false };
        self.hand_out(first);
        true
    }

    /// Some of what is recorded in a context will not be claimed, so that nothing is to be held back for it for long: the
    /// operations of items that had not ended when their batch was complete.
    pub fn expect_leftovers(&mut self, context: ContextKey) {
        let home = self.contexts.home(context);
        if let Some(home) = self.contexts.of_mut(home) {
            home.has_leftovers = true;
        }
    }

    /// Hands out the first result that may be held back for what will not be claimed.
    pub(super) fn release_beside_leftovers(&mut self) -> bool {
        let first = self.held.iter().copied().find(|(_, index)| {
            let context = self.slots.of(OperationKey(*index)).map(|slot| self.contexts.home(slot.context));
            context.and_then(|home| self.contexts.of(home)).is_some_and(|home| home.has_leftovers)
        });
        let Some(first) = first else { return false };
        self.hand_out(first);
        true
    }

    /// Forgets a result that is held back for an operation that was dropped.
    pub(super) fn forget_held(&mut self, ended_at: Timestamp, key: OperationKey, context: ContextKey) {
        if self.held.remove(&(ended_at, key.index())) {
            let home = self.contexts.home(context);
            if let Some(home) = self.contexts.of_mut(home) {
                home.held = home.held.saturating_sub(1);
            }
        }
    }

    fn is_held_due(&self, (ended_at, index): (Timestamp, usize)) -> bool {
        let Some(slot) = self.slots.of(OperationKey(index)) else { return true };
        if ended_at < NOW {
            return self.is_due(slot.context, ended_at);
        }
        let home = self.contexts.home(slot.context);
        let is_home = |key: usize| {
            self.slots.of(OperationKey(key)).is_some_and(|slot| self.contexts.home(slot.context) == home)
        };
        !self.held.iter().any(|(ended_at, key)| *ended_at < NOW && is_home(*key))
    }

    /// Whether everything in a context has been claimed that began before something ended.
    fn is_due(&self, context: ContextKey, ended_at: Timestamp) -> bool {
        self.first_unclaimed(context).is_none_or(|first| first > ended_at)
    }

    fn first_unclaimed(&self, context: ContextKey) -> Option<Timestamp> {
        self.journal.first_unclaimed_start(self.contexts.recorded_id(context))
    }

    fn hand_out(&mut self, (ended_at, index): (Timestamp, usize)) {
        let key = OperationKey(index);
        let Some(context) = self.slots.of(key).map(|slot| slot.context) else {
            self.held.remove(&(ended_at, index));
            return;
        };
        self.forget_held(ended_at, key, context);
        if let Some(slot) = self.slots.of_mut(key)
            && let Some((_, settled)) = slot.held.take()
        {
            slot.settled = Some(settled);
        }
        self.wake(key);
    }
}
