//! Hands the output of a future to another one, without holding its waker.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use super::parent::RememberedWaker;

/// Creates the two ends of a handoff.
pub(crate) fn handoff<T>() -> (Giver<T>, Taker<T>) {
    let slot = Arc::new(Slot(Mutex::new(State { output: None, is_over: false, giver: None, taker: None })));
    (Giver(Arc::clone(&slot)), Taker(slot))
}

/// The end that gives the output.
pub(crate) struct Giver<T>(Arc<Slot<T>>);

/// The end that takes the output.
pub(crate) struct Taker<T>(Arc<Slot<T>>);

struct Slot<T>(Mutex<State<T>>);

struct State<T> {
    output: Option<T>,
    /// Whether one of the ends was dropped.
    is_over: bool,
    giver: Option<RememberedWaker>,
    taker: Option<RememberedWaker>,
}

impl<T> Giver<T> {
    pub(crate) fn give(self, output: T) {
        let refused =
            self.0.with(|state| if state.is_over { Some(output) } else { state.output.replace(output) });
        // Dropping the output runs user code, so it is dropped outside of the lock. Dropping `self` wakes the taker.
        drop(refused);
    }

    /// Returns ready once the other end was dropped.
    pub(crate) fn poll_unwanted(&self, cx: &Context<'_>) -> Poll<()> {
        let (is_over, replaced) = self.0.with(|state| {
            let replaced =
                if state.is_over { None } else { state.giver.replace(RememberedWaker::new(cx.waker())) };
            (state.is_over, replaced)
        });
        drop(replaced);
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<T> Taker<T> {
    /// Takes the output. Returns `None` if the other end was dropped without giving one.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let (output, is_over, replaced) = self.0.with(|state| {
            let output = state.output.take();
            let is_pending = output.is_none() && !state.is_over;
            let replaced =
                if is_pending { state.taker.replace(RememberedWaker::new(cx.waker())) } else { None };
            (output, state.is_over, replaced)
        });
        drop(replaced);
        if output.is_none() && !is_over { Poll::Pending } else { Poll::Ready(output) }
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        let taker = self.0.with(|state| {
            state.is_over = true;
            state.taker.take()
        });
        if let Some(taker) = taker {
            taker.wake();
        }
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        let (output, giver) = self.0.with(|state| {
            state.is_over = true;
            (state.output.take(), state.giver.take())
        });
        drop(output);
        if let Some(giver) = giver {
            giver.wake();
        }
    }
}

impl<T> Slot<T> {
    fn with<R>(&self, f: impl FnOnce(&mut State<T>) -> R) -> R {
        // Nothing that can panic runs under the lock, so the state is consistent even if the lock is poisoned.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
