//! Updates on their way to the service.

use std::collections::VecDeque;
use std::time::Duration;

use durable_types::limits::{MAX_CHECKPOINT_BYTES, MAX_CHECKPOINT_UPDATES};
use durable_types::{OperationUpdate, Timestamp};

/// How long an update that nobody awaits lingers for company before it goes by itself.
pub const LINGER: Duration = Duration::from_millis(5);

/// Whether somebody waits until an update is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It is sent as soon as the request before it has been answered.
    Awaited,
    /// It lingers for company.
    Relaxed,
}

/// The updates that have not been sent, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    updates: VecDeque<(OperationUpdate, Urgency)>,
    awaited: usize,
    lingers_until: Option<Timestamp>,
}

impl Queue {
    pub(crate) fn push(&mut self, update: OperationUpdate, urgency: Urgency) {
        self.awaited += usize::from(urgency == Urgency::Awaited);
        self.updates.push_back((update, urgency));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }

    /// Until when the updates linger, if nobody awaits any of them.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.lingers_until
    }

    /// Takes the next batch, unless it should linger. With `flush`, nothing lingers.
    pub(crate) fn poll(&mut self, now: Timestamp, flush: bool) -> Option<Vec<OperationUpdate>> {
        if self.updates.is_empty() {
            return None;
        }
        if self.awaited == 0 && !flush {
            let deadline = *self.lingers_until.get_or_insert_with(|| now.saturating_add(LINGER));
            if now < deadline {
                return None;
            }
        }
        self.lingers_until = None;
        Some(self.take_batch())
    }

    /// As much as one request may hold; at least one update, however large.
    fn take_batch(&mut self) -> Vec<OperationUpdate> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some((update, _)) = self.updates.front() {
            bytes += update.encoded_len_bound();
            if batch.len() == MAX_CHECKPOINT_UPDATES || (bytes > MAX_CHECKPOINT_BYTES && !batch.is_empty()) {
                break;
            }
            let Some((update, urgency)) = self.updates.pop_front() else { break };
            self.awaited -= usize::from(urgency == Urgency::Awaited);
            batch.push(update);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use durable_types::OperationType;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn start(id: usize) -> OperationUpdate {
        OperationUpdate::start_step(format!("id-{id}"))
    }

    fn large(bytes: usize) -> OperationUpdate {
        OperationUpdate::succeed("large", OperationType::Step, Some("x".repeat(bytes)))
    }

    #[test]
    fn an_update_nobody_awaits_lingers_for_company() {
        let mut queue = Queue::default();
        queue.push(start(1), Urgency::Relaxed);

        assert_eq!(queue.poll(NOW, false), None);
        assert_eq!(queue.deadline(), Some(NOW.saturating_add(LINGER)));
        assert_eq!(queue.poll(NOW.saturating_add(LINGER), false), Some(vec![start(1)]));
        assert_eq!(queue.deadline(), None);
    }

    #[test]
    fn an_awaited_update_takes_those_before_it_along_at_once() {
        let mut queue = Queue::default();
        queue.push(start(1), Urgency::Relaxed);
        queue.push(start(2), Urgency::Awaited);

        assert_eq!(queue.poll(NOW, false), Some(vec![start(1), start(2)]));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_flush_does_not_linger() {
        let mut queue = Queue::default();
        queue.push(start(1), Urgency::Relaxed);

        assert_eq!(queue.poll(NOW, true), Some(vec![start(1)]));
    }

    #[test]
    fn a_batch_holds_at_most_250_updates() {
        let mut queue = Queue::default();
        (0..600).for_each(|id| queue.push(start(id), Urgency::Awaited));

        let sizes = std::iter::from_fn(|| queue.poll(NOW, false)).map(|batch| batch.len());

        assert_eq!(sizes.collect::<Vec<_>>(), [250, 250, 100]);
    }

    #[test]
    fn a_batch_holds_at_most_750_kib_but_always_one_update() {
        let mut queue = Queue::default();
        [400_000, 300_000, 100_000, 900_000, 1]
            .into_iter()
            .for_each(|bytes| queue.push(large(bytes), Urgency::Awaited));

        let sizes = std::iter::from_fn(|| queue.poll(NOW, false)).map(|batch| batch.len());

        assert_eq!(sizes.collect::<Vec<_>>(), [2, 1, 1, 1]);
    }
}
