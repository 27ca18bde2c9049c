//! The thread that is running a piece of code.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The thread that is running a piece of code, if any is.
///
/// Each thread sees in it whether it is the one that was set; what it sees of another thread may be out of date.
#[derive(Debug, Default)]
pub(crate) struct RunningThread(AtomicUsize);

impl RunningThread {
    /// Sets the calling thread.
    pub(crate) fn set_current(&self) {
        self.0.store(current(), Ordering::Relaxed);
    }

    /// Declares that no thread runs the code any longer.
    pub(crate) fn unset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Returns whether the calling thread is set.
    pub(crate) fn is_current(&self) -> bool {
        self.0.load(Ordering::Relaxed) == current()
    }
}

/// Identifies the calling thread by the address of a thread-local variable, which is never zero. This costs less than the
/// reference counting of `thread::current` and is called several times for each operation.
fn current() -> usize {
    thread_local!(static MARK: Cell<u8> = const { Cell::new(0) });
    MARK.with(|mark| ptr::from_ref(mark).addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_that_was_set_is_the_running_one() {
        let running = RunningThread::default();
        assert!(!running.is_current());

        running.set_current();

        assert!(running.is_current());
        std::thread::scope(|scope| scope.spawn(|| assert!(!running.is_current())).join()).unwrap();
        running.unset();
        assert!(!running.is_current());
    }
}
