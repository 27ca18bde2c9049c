//! A channel between threads on top of a [`LossyQueue`].

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::queue::{LossyQueue, Popped, SameGap};

/// The approximate size of a batch in bytes. It bounds the memory of items that were received but not yet processed.
const BATCH_BYTES: usize = 64 * 1024;

/// Creates a channel whose queued items may take up `budget` bytes. Sending never blocks. `same_gap` returns whether
/// dropped items are counted together.
pub fn lossy_channel<T>(budget: usize, same_gap: SameGap<T>) -> (LossySender<T>, LossyReceiver<T>) {
    let state = State {
        queue: LossyQueue::new(budget, same_gap),
        drains: Vec::new(),
        settled: 0,
        has_sender: true,
        has_receiver: true,
    };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
    (LossySender { shared: Arc::clone(&shared) }, LossyReceiver { shared })
}

/// The sending half, which never blocks.
#[derive(Debug)]
pub struct LossySender<T> {
    shared: Arc<Shared<T>>,
}

/// The receiving half, which blocks its thread.
#[derive(Debug)]
pub struct LossyReceiver<T> {
    shared: Arc<Shared<T>>,
}

/// The result of [`LossyReceiver::recv`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received<T> {
    /// The next items and gaps.
    Batch(Vec<Popped<T>>),
    /// The timeout elapsed.
    TimedOut,
    /// All items were received and the sender was dropped.
    Closed,
}

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    queue: LossyQueue<T>,
    drains: Vec<Drain>,
    /// The number of items processed or dropped so far.
    settled: u64,
    has_sender: bool,
    has_receiver: bool,
}

/// A caller that waits until `position` items are settled.
#[derive(Debug)]
struct Drain {
    position: u64,
    drained: oneshot::Sender<()>,
}

impl<T> LossySender<T> {
    /// Sends an item of `bytes` bytes. If the budget is exceeded, the oldest items are dropped.
    pub fn send(&self, item: T, bytes: usize) {
        self.shared.with(|state| {
            if state.has_receiver {
                state.queue.push(item, bytes);
            }
        });
        self.shared.changed.notify_one();
    }

    /// Waits until all items sent so far were processed or dropped, or the receiver is dropped.
    pub async fn drained(&self) {
        if let Some(drained) = self.shared.with(State::drain) {
            // An error means that the receiver was dropped, so there is nothing left to wait for.
            let _ = drained.await;
        }
    }
}

impl<T> Drop for LossySender<T> {
    fn drop(&mut self) {
        self.shared.with(|state| state.has_sender = false);
        self.shared.changed.notify_one();
    }
}

impl<T> LossyReceiver<T> {
    /// Blocks until an item is available or the timeout elapses. Items received earlier then count as processed.
    pub fn recv(&self, timeout: Option<Duration>) -> Received<T> {
        let is_idle = |state: &mut State<T>| state.queue.is_empty() && state.has_sender;
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle();
        let mut state = match timeout {
            None => self.shared.changed.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                let waited = self.shared.changed.wait_timeout_while(state, timeout, is_idle);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        state.take_batch()
    }
}

impl<T> Drop for LossyReceiver<T> {
    fn drop(&mut self) {
        self.shared.with(|state| {
            state.has_receiver = false;
            state.queue = LossyQueue::new(0, |_, _| true);
            state.drains.clear();
        });
    }
}

impl<T> Shared<T> {
    fn with<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> State<T> {
    /// Registers a caller that waits for all items pushed so far, unless there is nothing to wait for.
    fn drain(&mut self) -> Option<oneshot::Receiver<()>> {
        let position = self.queue.pushed();
        if self.settled >= position || !self.has_receiver {
            return None;
        }
        let (drained, receiver) = oneshot::channel();
        self.drains.push(Drain { position, drained });
        Some(receiver)
    }

    /// Marks all items taken so far as processed.
    fn settle(&mut self) {
        self.settled = self.queue.removed();
        for Drain { drained, .. } in self.drains.extract_if(.., |drain| drain.position <= self.settled) {
            // The caller may have stopped waiting.
            let _ = drained.send(());
        }
    }

    fn take_batch(&mut self) -> Received<T> {
        if self.queue.is_empty() {
            return if self.has_sender { Received::TimedOut } else { Received::Closed };
        }
        let remaining = self.queue.bytes().saturating_sub(BATCH_BYTES);
        let mut batch = Vec::new();
        while let Some(popped) = self.queue.pop() {
            batch.push(popped);
            if self.queue.bytes() < remaining {
                break;
            }
        }
        Received::Batch(batch)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const NO_WAIT: Option<Duration> = Some(Duration::ZERO);

    fn is_ready(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
        matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()))
    }

    #[test]
    fn items_are_received_in_order_and_then_the_end() {
        let (sender, receiver) = lossy_channel(100, |_, _| true);
        sender.send("a", 1);
        sender.send("b", 1);
        drop(sender);

        assert_eq!(receiver.recv(None), Received::Batch(vec![Popped::Item("a"), Popped::Item("b")]));
        assert_eq!(receiver.recv(None), Received::Closed);
    }

    #[test]
    fn a_receiver_waits_only_as_long_as_its_limit() {
        let (_sender, receiver) = lossy_channel::<()>(100, |_, _| true);

        assert_eq!(receiver.recv(NO_WAIT), Received::TimedOut);
    }

    #[test]
    fn a_large_queue_is_received_in_batches() {
        let (sender, receiver) = lossy_channel(10 * BATCH_BYTES, |_, _| true);
        (0..8).for_each(|item| sender.send(item, BATCH_BYTES / 2));
        drop(sender);

        let mut batches = Vec::new();
        while let Received::Batch(batch) = receiver.recv(None) {
            batches.push(batch);
        }

        assert!(batches.len() > 1);
        let items: Vec<_> = batches.into_iter().flatten().collect();
        assert_eq!(items, (0..8).map(Popped::Item).collect::<Vec<_>>());
    }

    #[test]
    fn sending_does_not_wait_for_a_receiver_that_is_stuck() {
        let (sender, receiver) = lossy_channel(100, |_, _| true);

        (0..1_000).for_each(|item| sender.send(item, 1));

        let Received::Batch(batch) = receiver.recv(None) else { panic!("nothing was sent") };
        assert!(matches!(batch.first(), Some(Popped::Dropped { count: 900.., .. })), "{:?}", batch.first());
        assert_eq!(batch.last(), Some(&Popped::Item(999)));
    }

    #[test]
    fn a_drain_waits_for_what_was_received_but_not_yet_processed() {
        let (sender, receiver) = lossy_channel(100, |_, _| true);
        sender.send("a", 1);
        let mut drained = pin!(sender.drained());
        assert!(!is_ready(drained.as_mut()));

        receiver.recv(None);
        let while_processed = is_ready(drained.as_mut());
        receiver.recv(NO_WAIT);

        assert!(!while_processed);
        assert!(is_ready(drained.as_mut()));
        assert!(is_ready(pin!(sender.drained())), "nothing is left to wait for");
    }

    #[test]
    fn a_drain_does_not_wait_for_what_is_sent_later() {
        let (sender, receiver) = lossy_channel(100, |_, _| true);
        sender.send("a", 1);
        let mut drained = pin!(sender.drained());
        assert!(!is_ready(drained.as_mut()));
        receiver.recv(None);

        sender.send("b", 1);
        receiver.recv(None);

        assert!(is_ready(drained.as_mut()));
    }

    #[test]
    fn a_drain_ends_with_the_receiver() {
        let (sender, receiver) = lossy_channel(100, |_, _| true);
        sender.send("a", 1);
        let mut drained = pin!(sender.drained());
        assert!(!is_ready(drained.as_mut()));

        drop(receiver);
        sender.send("b", 1);

        assert!(is_ready(drained.as_mut()));
        assert!(is_ready(pin!(sender.drained())));
    }
}
