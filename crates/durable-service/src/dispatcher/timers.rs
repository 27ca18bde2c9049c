//! The timers of executions.

use std::collections::{BTreeSet, HashMap};

use durable_types::Timestamp;

use super::execution_id::ExecutionId;

/// The time at which each execution is due, whether it is in memory or not.
#[derive(Debug, Default)]
pub(super) struct Timers {
    by_time: BTreeSet<(Timestamp, ExecutionId)>,
    by_id: HashMap<ExecutionId, Timestamp>,
}

impl Timers {
    /// Sets the timer of an execution; `None` cancels it.
    pub(super) fn set(&mut self, id: &ExecutionId, due: Option<Timestamp>) {
        if self.by_id.get(id).copied() == due {
            return;
        }
        let previous = match due {
            Some(due) => self.by_id.insert(id.clone(), due),
            None => self.by_id.remove(id),
        };
        if let Some(previous) = previous {
            self.by_time.remove(&(previous, id.clone()));
        }
        if let Some(due) = due {
            self.by_time.insert((due, id.clone()));
        }
    }

    pub(super) fn contains(&self, id: &ExecutionId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Returns the number of executions with a timer.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns when the first execution is due.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(due, _)| *due)
    }

    /// Takes the first execution that is due by now.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<ExecutionId> {
        let (_, id) = self.by_time.first().filter(|(due, _)| *due <= now)?.clone();
        self.set(&id, None);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[test]
    fn executions_become_due_in_chronological_order() {
        let mut timers = Timers::default();
        timers.set(&"a".into(), Some(at(3)));
        timers.set(&"b".into(), Some(at(1)));

        assert_eq!(timers.first(), Some(at(1)));
        assert_eq!(timers.pop_due(at(5)), Some("b".into()));
        assert_eq!(timers.pop_due(at(2)), None);
        assert_eq!(timers.pop_due(at(5)), Some("a".into()));
    }

    #[test]
    fn setting_a_timer_replaces_the_previous_one() {
        let mut timers = Timers::default();
        timers.set(&"a".into(), Some(at(1)));

        timers.set(&"a".into(), Some(at(9)));
        assert_eq!(timers.pop_due(at(8)), None);

        timers.set(&"a".into(), None);
        assert_eq!(timers.first(), None);
    }
}
