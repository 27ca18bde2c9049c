//! Waiting until the code is at rest: nothing was woken, and no result can be delivered.

use std::task::Waker;

use crate::future_set::RememberedWaker;

/// What waits for the code to come to rest.
#[derive(Default)]
pub(crate) struct Rests {
    /// The number of times that something waited and the code came to rest.
    count: u64,
    waiting: Vec<RememberedWaker>,
}

/// One that waits.
#[derive(Default)]
pub(crate) struct Rest(Option<Waiting>);

struct Waiting {
    /// The number of rests when it began to wait.
    since: u64,
    waker: RememberedWaker,
}

impl Rests {
    /// Returns whether the code has come to rest since the first call, and the waker that this one replaces.
    pub(crate) fn poll(&mut self, rest: &mut Rest, waker: &Waker) -> (bool, Option<RememberedWaker>) {
        let waiting = rest.0.as_ref();
        if waiting.is_some_and(|waiting| waiting.since < self.count) {
            return (true, None);
        }
        if waiting.is_some_and(|waiting| waiting.waker.will_wake(waker)) {
            return (false, None);
        }
        let waker = RememberedWaker::new(waker);
        self.waiting.push(waker.clone());
        let replaced = rest.0.replace(Waiting { since: self.count, waker });
        (false, replaced.map(|replaced| replaced.waker))
    }

    /// Returns the wakers of those that wait, because the code has come to rest.
    pub(crate) fn handle_rest(&mut self) -> Vec<RememberedWaker> {
        if !self.waiting.is_empty() {
            self.count += 1;
        }
        std::mem::take(&mut self.waiting)
    }
}
