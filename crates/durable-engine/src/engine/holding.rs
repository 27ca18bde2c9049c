//! Results that are held back on replay, so that the sides of a race get as far as they had got.
//!
//! A record that began before another ended, or in the same checkpoint, cannot depend on it: the code that claims the
//! one runs beside the code that waits for the other. If the result were handed out at once, a race would be over before
//! its other side had claimed what is recorded of it. So it is held back until that has been claimed, and results are
//! handed out one by one, in the order in which they came.

use durable_types::Timestamp;

use super::Engine;
use crate::{ContextKey, OperationKey};

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

    /// Hands out the first result that need not be held back any more.
    pub(super) fn release_due(&mut self) -> bool {
        let Some(due) = self.held.iter().copied().find(|held| self.is_held_due(*held)) else { return false };
        self.hand_out(due);
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
        self.slots.of(OperationKey(index)).is_none_or(|slot| self.is_due(slot.context, ended_at))
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
