//! The queue of updates for the service.

use std::collections::VecDeque;
use std::time::Duration;

use durable_types::Timestamp;
use durable_types::limits::{MAX_CHECKPOINT_BYTES, MAX_CHECKPOINT_UPDATES};

use super::queued_update::{QueuedUpdate, Urgency};
use crate::barrier::Expectation;

/// How long an update that nothing awaits is held back so that later updates can join its batch.
pub const LINGER: Duration = Duration::from_millis(5);

/// The updates that have not been sent, in the order in which they were queued.
#[derive(Debug, Default)]
pub(super) struct Queue {
    updates: VecDeque<QueuedUpdate>,
    awaited: usize,
    held_until: Option<Timestamp>,
    /// The number of leading updates that follow only from results whose place is certain; `None` if all do.
    fence: Option<usize>,
}

/// The conditions that decide whether a batch may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) now: Timestamp,
    /// Whether to send at once, without waiting for later updates to join.
    pub(super) is_flushing: bool,
    /// The earliest time at which a checkpoint is recorded in a later unit of time than everything delivered.
    pub(super) later_at: Timestamp,
    /// Whether an earlier checkpoint could tie with delivered results.
    pub(super) is_tied: bool,
}

impl Queue {
    pub(super) fn push(&mut self, update: QueuedUpdate) {
        self.awaited += usize::from(update.urgency == Urgency::Awaited);
        self.updates.push_back(update);
    }

    /// Queues updates ahead of all others.
    pub(super) fn push_first(&mut self, updates: Vec<QueuedUpdate>) {
        self.fence = self.fence.map(|fence| fence + updates.len());
        for update in updates.into_iter().rev() {
            self.awaited += usize::from(update.urgency == Urgency::Awaited);
            self.updates.push_front(update);
        }
    }

    /// Holds back everything queued from now on until the service has been asked what else it recorded.
    pub(super) fn fence(&mut self) {
        self.fence.get_or_insert(self.updates.len());
    }

    /// Removes the fence, because the service has been asked.
    pub(super) fn open_fence(&mut self) {
        self.fence = None;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }

    /// Returns the results that the next batch would record.
    pub(super) fn results(&self) -> impl Iterator<Item = Expectation> {
        self.updates.iter().take(MAX_CHECKPOINT_UPDATES).filter_map(|update| update.result)
    }

    /// Returns whether later updates cannot join the next batch.
    pub(super) fn is_batch_full(&self) -> bool {
        self.fence.unwrap_or(self.updates.len()) >= MAX_CHECKPOINT_UPDATES
    }

    /// Returns until when the updates are held back, as determined by the last [`poll`](Self::poll).
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.held_until
    }

    /// Takes the next batch, unless it is held back. An empty batch asks what else the service recorded.
    pub(super) fn poll(&mut self, pace: Pace) -> Option<Vec<QueuedUpdate>> {
        if self.updates.is_empty() {
            return None;
        }
        if self.awaited == 0 && !pace.is_flushing {
            let deadline = *self.held_until.get_or_insert_with(|| pace.now.saturating_add(LINGER));
            if pace.now < deadline {
                return None;
            }
        }
        if pace.now < pace.later_at && (pace.is_tied || self.fence == Some(0)) {
            self.held_until = Some(pace.later_at);
            return None;
        }
        self.held_until = None;
        Some(self.take_batch())
    }

    /// Takes as many updates as fit into one request; at least one, however large.
    fn take_batch(&mut self) -> Vec<QueuedUpdate> {
        let max_updates = self.fence.unwrap_or(usize::MAX).min(MAX_CHECKPOINT_UPDATES);
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(update) = self.updates.front_mut() {
            bytes += update.encode().encoded_len_bound();
            if batch.len() == max_updates || (bytes > MAX_CHECKPOINT_BYTES && !batch.is_empty()) {
                break;
            }
            let Some(update) = self.updates.pop_front() else { break };
            self.awaited -= usize::from(update.urgency == Urgency::Awaited);
            batch.push(update);
        }
        self.fence = self.fence.map(|fence| fence.saturating_sub(batch.len()));
        batch
    }
}

#[cfg(test)]
mod tests {
    use durable_types::{OperationType, OperationUpdate};

    use super::*;
    use crate::identity::OperationId;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn pace(now: Timestamp) -> Pace {
        Pace { now, is_flushing: false, later_at: NOW, is_tied: false }
    }

    fn queued(update: OperationUpdate, urgency: Urgency) -> QueuedUpdate {
        QueuedUpdate { id: None, parent: None, update, urgency, result: None }
    }

    fn start(id: usize, urgency: Urgency) -> QueuedUpdate {
        queued(OperationUpdate::start_step(format!("id-{id}")), urgency)
    }

    fn ids(batch: Option<Vec<QueuedUpdate>>) -> Vec<String> {
        batch.into_iter().flatten().map(|queued| queued.update.operation_id.into()).collect()
    }

    #[test]
    fn an_update_that_nothing_awaits_is_held_back_for_others_to_join() {
        let mut queue = Queue::default();
        queue.push(start(1, Urgency::Relaxed));

        assert_eq!(queue.poll(pace(NOW)), None);
        assert_eq!(queue.deadline(), Some(NOW.saturating_add(LINGER)));
        assert_eq!(ids(queue.poll(pace(NOW.saturating_add(LINGER)))), ["id-1"]);
        assert_eq!(queue.deadline(), None);
    }

    #[test]
    fn an_awaited_update_takes_those_before_it_along_at_once() {
        let mut queue = Queue::default();
        queue.push(start(1, Urgency::Relaxed));
        queue.push(start(2, Urgency::Awaited));

        assert_eq!(ids(queue.poll(pace(NOW))), ["id-1", "id-2"]);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_flush_holds_nothing_back() {
        let mut queue = Queue::default();
        queue.push(start(1, Urgency::Relaxed));

        assert_eq!(ids(queue.poll(Pace { is_flushing: true, ..pace(NOW) })), ["id-1"]);
    }

    #[test]
    fn a_batch_that_could_tie_with_a_delivered_result_is_held_back_until_it_cannot() {
        let mut queue = Queue::default();
        queue.push(start(1, Urgency::Awaited));
        let until = NOW.saturating_add(Duration::from_millis(1));
        let at = |micros| Pace {
            later_at: until,
            is_tied: true,
            ..pace(NOW.saturating_add(Duration::from_micros(micros)))
        };

        assert_eq!(queue.poll(at(0)), None);
        assert_eq!(queue.deadline(), Some(until));
        assert_eq!(queue.poll(at(999)), None);
        assert_eq!(ids(queue.poll(at(1_000))), ["id-1"]);
    }

    #[test]
    fn what_is_queued_behind_a_fence_waits_until_the_service_has_been_asked_at_a_later_time() {
        let mut queue = Queue::default();
        queue.push(start(2, Urgency::Awaited));
        queue.fence();
        queue.push(start(3, Urgency::Awaited));
        queue.push_first(vec![start(1, Urgency::Relaxed)]);
        let later_at = NOW.saturating_add(Duration::from_millis(1));
        let at = |now| Pace { later_at, ..pace(now) };

        assert_eq!(ids(queue.poll(at(NOW))), ["id-1", "id-2"]);
        assert_eq!(queue.poll(at(NOW)), None);
        assert_eq!(queue.deadline(), Some(later_at));
        assert_eq!(queue.poll(at(later_at)), Some(Vec::new()));

        queue.open_fence();
        assert_eq!(ids(queue.poll(at(later_at))), ["id-3"]);
    }

    #[test]
    fn the_ids_of_an_operation_are_written_when_it_is_sent() {
        let [parent, id] = ["parent", "id"].map(|name| OperationId::derive(None, "Step", name, 0));
        let update = OperationUpdate::start_step(String::new());
        let mut queue = Queue::default();
        queue.push(QueuedUpdate { id: Some(id), parent: Some(parent), ..queued(update, Urgency::Awaited) });

        let update = queue.poll(pace(NOW)).unwrap().remove(0).update;

        assert_eq!((update.operation_id, update.parent_id), (id.into(), Some(parent.into())));
    }

    #[test]
    fn a_batch_holds_at_most_250_updates() {
        let mut queue = Queue::default();
        (0..600).for_each(|id| queue.push(start(id, Urgency::Awaited)));

        let sizes = std::iter::from_fn(|| queue.poll(pace(NOW))).map(|batch| batch.len());

        assert_eq!(sizes.collect::<Vec<_>>(), [250, 250, 100]);
    }

    #[test]
    fn a_batch_holds_at_most_750_kib_but_always_one_update() {
        let mut queue = Queue::default();
        for bytes in [400_000, 300_000, 100_000, 900_000, 1] {
            let update = OperationUpdate::succeed("large", OperationType::Step, Some("x".repeat(bytes)));
            queue.push(queued(update, Urgency::Awaited));
        }

        let sizes = std::iter::from_fn(|| queue.poll(pace(NOW))).map(|batch| batch.len());

        assert_eq!(sizes.collect::<Vec<_>>(), [2, 1, 1, 1]);
    }
}
