//! Wakers that tell the driver when to poll the handler, and whether anything else could wake it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};

use futures_util::task::AtomicWaker;

use crate::future_set::{Polled, WakeTarget};

/// The waker with which the handler is polled.
pub(super) struct HandlerWaker {
    signal: Arc<Signal>,
    waker: Waker,
    polled: Polled,
}

struct Signal {
    is_woken: AtomicBool,
    /// Whether the driver checks `is_woken` before it waits, so that its task need not be woken.
    is_driving: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        WakeTarget::wake(&*self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        WakeTarget::wake(&**self);
    }
}

impl WakeTarget for Signal {
    fn wake(&self) {
        // Sequentially consistent with `stop_driving`: either it sees the wake, or this sees that the driver waits.
        self.is_woken.store(true, Ordering::SeqCst);
        if !self.is_driving.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}

impl HandlerWaker {
    /// Creates a waker that is already woken, because the handler needs its first poll.
    pub(super) fn new() -> Self {
        let signal = Arc::new(Signal {
            is_woken: AtomicBool::new(true),
            is_driving: AtomicBool::new(false),
            task: AtomicWaker::new(),
        });
        let target: Weak<Signal> = Arc::downgrade(&signal);
        Self { waker: Waker::from(Arc::clone(&signal)), polled: Polled::new(target), signal }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Polls code with this waker.
    pub(super) fn enter<R>(&mut self, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let Self { waker, polled, .. } = self;
        polled.enter(|| poll(&mut Context::from_waker(waker)))
    }

    /// Declares that the driver is running. Its task is woken only after [`stop_driving`](Self::stop_driving).
    pub(super) fn start_driving(&self, task: &Waker) {
        self.signal.task.register(task);
        self.signal.is_driving.store(true, Ordering::SeqCst);
    }

    /// Declares that the driver is about to wait. Returns whether the handler was woken, in which case it must not
    /// wait.
    pub(super) fn stop_driving(&self) -> bool {
        self.signal.is_driving.store(false, Ordering::SeqCst);
        self.signal.is_woken.load(Ordering::SeqCst)
    }

    /// Marks the handler as woken, on behalf of the driver.
    pub(super) fn set_woken(&self) {
        self.signal.is_woken.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_woken(&self) -> bool {
        self.signal.is_woken.load(Ordering::Acquire)
    }

    /// Returns whether the handler was woken since the last call.
    pub(super) fn take_woken(&self) -> bool {
        self.signal.is_woken.swap(false, Ordering::AcqRel)
    }

    /// Returns whether anything but the driver holds the waker, such as a timer, a socket or a combinator.
    pub(super) fn is_held_elsewhere(&self) -> bool {
        // The driver holds the signal, its waker, and the copy that futures of operations are compared with.
        Arc::strong_count(&self.signal) > 3
    }
}
