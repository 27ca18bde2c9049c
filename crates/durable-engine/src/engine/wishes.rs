//! How the code of a handler wants its invocations to be run.

use std::time::Duration;

use durable_types::Timestamp;

use super::Engine;
use crate::{ContextKey, Fatal};

/// How far the clock of the service may be ahead of ours.
const SKEW: Duration = Duration::from_secs(1);

/// What the code asked for.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// Whether operations are paired with their records by name alone, without a barrier.
    pub(super) by_name: bool,
    /// For how long an invocation rather waits than ends.
    stay_warm: Duration,
}

impl Engine {
    /// Pairs operations with their records by name alone: new ones begin at once, and records may be left over.
    ///
    /// This is asked for before the first operation, or the execution fails.
    pub fn replay_by_name(&mut self) {
        if self.claims > 0 && !self.wishes.by_name {
            self.fail(Fatal::Misuse(
                "replay by name was asked for after an operation had begun; ask for it first in the handler"
                    .to_owned(),
            ));
        }
        self.wishes.by_name = true;
    }

    /// Waits in the invocation for what is due within this time, instead of ending it.
    pub fn stay_warm(&mut self, time: Duration) {
        self.wishes.stay_warm = time;
    }

    /// When to ask for what is due soon enough to wait for it; none if the invocation is to end.
    pub(super) fn warm_until(&mut self, due: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let due = due?;
        let patience = self.wishes.stay_warm;
        // What was due and did not come for as long is not waited for any more.
        let is_soon =
            due <= now.saturating_add(patience.saturating_add(SKEW)) && now <= due.saturating_add(patience);
        (is_soon && !patience.is_zero()).then(|| self.refresh.plan(Some(due), now))
    }

    /// Takes note of an operation that is not recorded: without a barrier, it ends the replay of its context.
    pub(super) fn note_new(&mut self, context: ContextKey) {
        let home = self.contexts.home(context);
        if let Some(home) = self.contexts.of_mut(home) {
            home.is_past_replay |= self.wishes.by_name;
        }
    }
}
