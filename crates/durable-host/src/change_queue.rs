//! The queue of executions that have changed.

use std::collections::HashSet;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use durable_service::ExecutionId;
use tokio::sync::Notify;

/// The executions that have changed since they were reported last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChangedExecutions {
    /// Their ids.
    pub ids: Vec<ExecutionId>,
    /// The number of changes that were not queued, because too many other executions had changed. Such an execution is
    /// reported when it changes again.
    pub dropped: u64,
}

/// The executions that have changed and were not reported yet, up to a maximum number.
pub(crate) struct ChangeQueue {
    capacity: usize,
    state: Mutex<State>,
    changed: Notify,
}

impl ChangeQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default(), changed: Notify::new() }
    }

    /// Waits for changes. Returns `None` once there is no sender and everything was reported.
    pub(crate) async fn next(&self) -> Option<ChangedExecutions> {
        loop {
            let (changed, is_stopped) = self.take();
            if changed != ChangedExecutions::default() {
                return Some(changed);
            }
            if is_stopped {
                return None;
            }
            // A change since `take` has left a permit.
            self.changed.notified().await;
        }
    }

    fn take(&self) -> (ChangedExecutions, bool) {
        self.with(|state| {
            let (ids, dropped) = (take(&mut state.ids), take(&mut state.dropped));
            (ChangedExecutions { ids: ids.into_iter().collect(), dropped }, state.is_stopped)
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The end of the queue that the host writes to.
pub(crate) struct ChangeSender(Arc<ChangeQueue>);

impl ChangeSender {
    pub(crate) fn new(queue: &Arc<ChangeQueue>) -> Self {
        Self(Arc::clone(queue))
    }

    /// Returns whether the reader is gone.
    pub(crate) fn is_closed(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    pub(crate) fn send(&self, id: &ExecutionId) {
        self.0.with(|state| state.add(id, self.0.capacity));
        self.0.changed.notify_one();
    }
}

impl Drop for ChangeSender {
    fn drop(&mut self) {
        self.0.with(|state| state.is_stopped = true);
        self.0.changed.notify_one();
    }
}

#[derive(Default)]
struct State {
    ids: HashSet<ExecutionId>,
    dropped: u64,
    is_stopped: bool,
}

impl State {
    fn add(&mut self, id: &ExecutionId, capacity: usize) {
        if self.ids.contains(id) {
            return;
        }
        if self.ids.len() < capacity {
            self.ids.insert(id.clone());
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn queue(capacity: usize) -> (ChangeSender, Arc<ChangeQueue>) {
        let queue = Arc::new(ChangeQueue::new(capacity));
        (ChangeSender::new(&queue), queue)
    }

    fn next(changes: &ChangeQueue) -> Poll<Option<ChangedExecutions>> {
        pin!(changes.next()).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn an_execution_that_changes_several_times_is_reported_once() {
        let (sender, changes) = queue(2);

        sender.send(&"a".into());
        sender.send(&"a".into());

        let expected = ChangedExecutions { ids: vec!["a".into()], dropped: 0 };
        assert_eq!(next(&changes), Poll::Ready(Some(expected)));
        assert_eq!(next(&changes), Poll::Pending);
    }

    #[test]
    fn changes_beyond_the_capacity_are_counted() {
        let (sender, changes) = queue(1);

        for id in ["a", "b", "a", "c"] {
            sender.send(&id.into());
        }

        let expected = ChangedExecutions { ids: vec!["a".into()], dropped: 2 };
        assert_eq!(next(&changes), Poll::Ready(Some(expected)));
        sender.send(&"b".into());
        let expected = ChangedExecutions { ids: vec!["b".into()], dropped: 0 };
        assert_eq!(next(&changes), Poll::Ready(Some(expected)));
    }

    #[test]
    fn the_end_follows_the_last_changes() {
        let (sender, changes) = queue(1);

        sender.send(&"a".into());
        drop(sender);

        assert!(matches!(next(&changes), Poll::Ready(Some(_))));
        assert_eq!(next(&changes), Poll::Ready(None));
    }

    #[test]
    fn the_sender_learns_that_the_reader_is_gone() {
        let (sender, changes) = queue(1);
        assert!(!sender.is_closed());

        drop(changes);

        assert!(sender.is_closed());
    }
}
