//! Waiting until the code is at rest: nothing was woken, and no result can be delivered.

use std::task::Waker;

use crate::future_set::RememberedWaker;

/// The futures that wait for the code to come to rest.
#[derive(Default)]
pub(crate) struct Rests {
    /// The number of times that something waited and the code came to rest.
    count: u64,
    waiting: Vec<RememberedWaker>,
}

/// One that waits: the number of rests when it began.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rest(Option<u64>);

impl Rests {
    /// Returns whether the code has come to rest since the first call.
    pub(crate) fn poll(&mut self, rest: &mut Rest, waker: &Waker) -> bool {
        let has_come = rest.0.is_some_and(|since| since < self.count);
        if !has_come {
            rest.0.get_or_insert(self.count);
            if !self.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
                self.waiting.push(RememberedWaker::new(waker));
            }
        }
        has_come
    }

    /// Returns the wakers of those that wait, because the code has come to rest.
    pub(crate) fn handle_rest(&mut self) -> Vec<RememberedWaker> {
        if !self.waiting.is_empty() {
            self.count += 1;
        }
        std::mem::take(&mut self.waiting)
    }
}
