//! A set of futures that are polled when they are woken.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

use slab::Slab;

use super::parent::{Polled, RememberedWaker, WakeTarget};

/// The number of futures whose wakers something other than the SDK holds, in all sets of an invocation.
///
/// A future is counted when it is polled, so one whose waker is dropped later without being woken is still counted.
#[derive(Clone, Default)]
pub(crate) struct HeldWakers(Arc<AtomicUsize>);

impl HeldWakers {
    /// Returns whether anything other than operations can wake a future.
    pub(crate) fn is_any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// Futures that are polled when they are woken, in that order.
///
/// Unlike the sets of other crates, it does not hold the waker of the code that polls it, and it knows whether anything
/// but operations holds those of its futures. If nothing does, a handler that is pending is known to be at rest.
pub(crate) struct FutureSet<F> {
    entries: Slab<Entry<F>>,
    ready: Arc<ReadyQueue>,
    held: HeldWakers,
}

struct Entry<F> {
    future: F,
    task: Arc<Task>,
    waker: Waker,
    polled: Polled,
    is_held: bool,
}

/// The target of the waker of one future.
struct Task {
    index: usize,
    /// Whether it is in the queue, or its future has ended.
    is_queued: AtomicBool,
    ready: Arc<ReadyQueue>,
}

/// The futures to poll.
#[derive(Default)]
struct ReadyQueue(Mutex<Ready>);

#[derive(Default)]
struct Ready {
    indices: VecDeque<usize>,
    /// Wakes the code that polls the set.
    parent: Option<RememberedWaker>,
}

impl<F> FutureSet<F> {
    pub(crate) fn new(held: &HeldWakers) -> Self {
        Self { entries: Slab::new(), ready: Arc::default(), held: held.clone() }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a future, which is polled when the set is polled next.
    pub(crate) fn push(&mut self, future: F) {
        let entry = self.entries.vacant_entry();
        let index = entry.key();
        let task = Arc::new(Task { index, is_queued: AtomicBool::new(true), ready: Arc::clone(&self.ready) });
        let target: Weak<Task> = Arc::downgrade(&task);
        let (waker, polled) = (Waker::from(Arc::clone(&task)), Polled::new(target));
        entry.insert(Entry { future, task, waker, polled, is_held: false });
        self.ready.with(|ready| ready.indices.push_back(index));
    }

    /// Drops all futures.
    pub(crate) fn clear(&mut self) {
        let held = self.entries.iter().filter(|(_, entry)| entry.is_held).count();
        self.held.0.fetch_sub(held, Ordering::Relaxed);
        for entry in self.entries.drain() {
            entry.task.is_queued.store(true, Ordering::Relaxed);
        }
        self.ready.with(|ready| ready.indices.clear());
    }
}

impl<F: Future + Unpin> FutureSet<F> {
    /// Polls the futures that were woken, until one ends. Returns `None` if the set is empty.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        if self.entries.is_empty() {
            return Poll::Ready(None);
        }
        self.ready.set_parent(cx.waker());
        // Futures that wake themselves let other code run after each round.
        for _ in 0..self.entries.len() {
            let Some(index) = self.ready.with(|ready| ready.indices.pop_front()) else {
                return Poll::Pending;
            };
            let Some(entry) = self.entries.get_mut(index) else { continue };
            if let Poll::Ready(output) = entry.poll(&self.held) {
                drop(self.entries.try_remove(index));
                return Poll::Ready(Some(output));
            }
        }
        if self.ready.with(|ready| !ready.indices.is_empty()) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<F> Drop for FutureSet<F> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<F: Future + Unpin> Entry<F> {
    fn poll(&mut self, held: &HeldWakers) -> Poll<F::Output> {
        let Self { future, task, waker, polled, is_held } = self;
        // A wake that found the future still queued does not queue it again, so its poll must see what that wake was for.
        task.is_queued.swap(false, Ordering::AcqRel);
        let output = polled.enter(|| Pin::new(future).poll(&mut Context::from_waker(waker)));
        // The entry holds the task and its waker.
        let is_now_held = output.is_pending() && Arc::strong_count(task) > 2;
        if output.is_ready() {
            task.is_queued.store(true, Ordering::Relaxed);
        }
        match (std::mem::replace(is_held, is_now_held), is_now_held) {
            (false, true) => held.0.fetch_add(1, Ordering::Relaxed),
            (true, false) => held.0.fetch_sub(1, Ordering::Relaxed),
            (false, false) | (true, true) => 0,
        };
        output
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        WakeTarget::wake(&*self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        WakeTarget::wake(&**self);
    }
}

impl WakeTarget for Task {
    fn wake(&self) {
        if self.is_queued.swap(true, Ordering::AcqRel) {
            return;
        }
        let parent = self.ready.with(|ready| {
            ready.indices.push_back(self.index);
            ready.parent.clone()
        });
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

impl ReadyQueue {
    fn set_parent(&self, waker: &Waker) {
        let replaced = self.with(|ready| {
            let is_same = ready.parent.as_ref().is_some_and(|parent| parent.will_wake(waker));
            if is_same { None } else { ready.parent.replace(RememberedWaker::new(waker)) }
        });
        // Dropping a waker may drop a task of the runtime, and with it other futures.
        drop(replaced);
    }

    fn with<R>(&self, f: impl FnOnce(&mut Ready) -> R) -> R {
        // Nothing that can panic runs under the lock, so the queue is consistent even if the lock is poisoned.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicU32;
    use std::thread;

    use super::*;

    const ROUNDS: u32 = 50_000;

    fn wait_for(value: &AtomicU32, expected: u32) {
        for spins in 0.. {
            if value.load(Ordering::Acquire) == expected {
                return;
            }
            // Another thread may need this core.
            if spins > 1_000 { thread::yield_now() } else { std::hint::spin_loop() }
        }
    }

    #[test]
    fn what_a_thread_wakes_for_while_the_future_is_polled_is_not_missed() {
        let [begun, value, seen, ended] = [const { AtomicU32::new(0) }; 4];
        let mut set = FutureSet::new(&HeldWakers::default());
        set.push(Box::pin(poll_fn(|_| {
            seen.store(value.load(Ordering::Acquire), Ordering::Relaxed);
            Poll::<()>::Pending
        })));
        let waker = set.entries.iter().next().map(|(_, entry)| entry.waker.clone()).unwrap();
        let mut cx = Context::from_waker(Waker::noop());
        let mut missed = 0;

        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=ROUNDS {
                    wait_for(&begun, round);
                    (0..round % 40).for_each(|_| std::hint::spin_loop());
                    value.store(round, Ordering::Release);
                    waker.wake_by_ref();
                    ended.store(round, Ordering::Release);
                }
            });
            for round in 1..=ROUNDS {
                begun.store(round, Ordering::Release);
                waker.wake_by_ref();
                let _ = set.poll_next(&mut cx);
                wait_for(&ended, round);
                while set.ready.with(|ready| !ready.indices.is_empty()) {
                    let _ = set.poll_next(&mut cx);
                }
                missed += u32::from(seen.load(Ordering::Relaxed) != round);
            }
        });

        assert_eq!(missed, 0);
    }
}
