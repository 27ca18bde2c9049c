//! How the driver knows that the handler wants to be polled, and whether anything else could want it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// The waker that the handler is polled with.
pub(super) struct HandlerWaker {
    signal: Arc<Signal>,
    waker: Waker,
}

struct Signal {
    is_woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl HandlerWaker {
    /// A waker that is woken already: the handler wants its first poll.
    pub(super) fn new() -> Self {
        let signal = Arc::new(Signal { is_woken: AtomicBool::new(true), task: AtomicWaker::new() });
        Self { waker: Waker::from(Arc::clone(&signal)), signal }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Passes wakes on to the task of the driver.
    pub(super) fn register(&self, task: &Waker) {
        self.signal.task.register(task);
    }

    pub(super) fn is_woken(&self) -> bool {
        self.signal.is_woken.load(Ordering::Acquire)
    }

    /// Whether the handler was woken since the last call.
    pub(super) fn take_woken(&self) -> bool {
        self.signal.is_woken.swap(false, Ordering::AcqRel)
    }

    /// Whether anybody holds the waker beside the driver and so many others.
    pub(super) fn is_held_by_more_than(&self, others: usize) -> bool {
        Arc::strong_count(&self.signal) > others.saturating_add(2)
    }
}
