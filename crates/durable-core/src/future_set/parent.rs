//! Wakers that the SDK remembers without holding them, so that whoever else holds them can be counted.

use std::cell::RefCell;
use std::ptr;
use std::sync::Weak;
use std::task::Waker;

thread_local! {
    static POLLED: RefCell<Option<Weak<dyn WakeTarget>>> = const { RefCell::new(None) };
}

/// The target of a waker that the SDK created.
pub(crate) trait WakeTarget: Send + Sync {
    fn wake(&self);
}

/// A target while it is not being polled.
pub(crate) struct Polled(Option<Weak<dyn WakeTarget>>);

impl Polled {
    pub(crate) fn new(target: Weak<dyn WakeTarget>) -> Self {
        Self(Some(target))
    }

    /// Polls a future with the waker of this target.
    pub(crate) fn enter<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let outer = POLLED.replace(self.0.take());
        let _restored = Restored { target: &mut self.0, outer };
        poll()
    }
}

/// Ends the poll of a target when it is dropped, even by a panic.
struct Restored<'t> {
    target: &'t mut Option<Weak<dyn WakeTarget>>,
    outer: Option<Weak<dyn WakeTarget>>,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        *self.target = POLLED.replace(self.outer.take());
    }
}

/// A waker to wake later. If it is that of the target being polled, this does not count as holding it.
#[derive(Clone)]
pub(crate) enum RememberedWaker {
    Own(Weak<dyn WakeTarget>),
    Foreign(Waker),
}

impl RememberedWaker {
    pub(crate) fn new(waker: &Waker) -> Self {
        let own = POLLED.with_borrow(|polled| polled.as_ref().filter(|target| wakes(waker, target)).cloned());
        own.map_or_else(|| Self::Foreign(waker.clone()), Self::Own)
    }

    pub(crate) fn will_wake(&self, waker: &Waker) -> bool {
        match self {
            Self::Own(target) => wakes(waker, target),
            Self::Foreign(remembered) => remembered.will_wake(waker),
        }
    }

    pub(crate) fn wake(self) {
        match self {
            Self::Own(target) => {
                if let Some(target) = target.upgrade() {
                    target.wake();
                }
            }
            Self::Foreign(waker) => waker.wake(),
        }
    }
}

/// Returns whether a waker is that of a target. If in doubt, it is not.
fn wakes(waker: &Waker, target: &Weak<dyn WakeTarget>) -> bool {
    ptr::addr_eq(target.as_ptr(), waker.data())
}
