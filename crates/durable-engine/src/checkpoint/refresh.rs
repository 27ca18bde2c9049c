//! When to ask the service for changes while code runs concurrently with operations that wait for the service.

use std::time::Duration;

use durable_types::Timestamp;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// Schedules empty checkpoints that ask for changes: when an operation is due, and then with backoff.
#[derive(Debug, Default)]
pub(crate) struct Refresh {
    next: Option<Timestamp>,
    /// The number of consecutive refreshes without a change.
    fruitless: u32,
}

impl Refresh {
    /// Plans the next refresh; `due` is the time of the first operation that is due, if known.
    pub(crate) fn plan(&mut self, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let delay = FIRST_DELAY.saturating_mul(self.fruitless.saturating_add(1)).min(MAX_DELAY);
        let later = now.saturating_add(delay);
        let planned = match due {
            // If something is overdue and the last refresh did not return it, it is asked for again with backoff.
            Some(due) if self.fruitless == 0 || due > now => due.max(now),
            Some(_) | None => later,
        };
        *self.next.get_or_insert(planned)
    }

    /// Returns whether a refresh is due; true only once per planned refresh.
    pub(crate) fn is_due(&mut self, now: Timestamp) -> bool {
        let is_due = self.next.is_some_and(|next| next <= now);
        if is_due {
            self.next = None;
            self.fruitless = self.fruitless.saturating_add(1);
        }
        is_due
    }

    /// Discards the plan, because something changed.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        NOW.saturating_add(Duration::from_secs(seconds))
    }

    #[test]
    fn it_asks_when_something_is_due() {
        let mut refresh = Refresh::default();

        assert_eq!(refresh.plan(Some(after(30)), NOW), after(30));
        assert!(!refresh.is_due(after(29)));
        assert!(refresh.is_due(after(30)));
        assert!(!refresh.is_due(after(30)), "once");
    }

    #[test]
    fn it_asks_less_and_less_often_while_nothing_changes() {
        let mut refresh = Refresh::default();
        let mut now = NOW;

        let delays = [(); 12].map(|()| {
            let next = refresh.plan(None, now);
            let delay = next.saturating_since(now).as_secs();
            now = next;
            assert!(refresh.is_due(now));
            delay
        });

        assert_eq!(delays, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
        refresh.reset();
        assert_eq!(refresh.plan(None, now).saturating_since(now).as_secs(), 1);
    }

    #[test]
    fn what_is_overdue_is_asked_for_at_once_and_then_patiently() {
        let mut refresh = Refresh::default();

        assert_eq!(refresh.plan(Some(NOW), after(5)), after(5));
        assert!(refresh.is_due(after(5)));
        assert_eq!(refresh.plan(Some(NOW), after(5)), after(7));
    }
}
