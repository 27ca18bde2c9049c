//! The progress of a map or a parallel.

/// The progress of a map or a parallel, in items or branches.
///
/// The total is not recorded while a batch runs: its items are started as its concurrency allows. Once it has ended,
/// all of those that it will ever start have been started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of items that were started.
    pub started: usize,
    /// The number of items that succeeded.
    pub succeeded: usize,
    /// The number of items that failed.
    pub failed: usize,
}

impl Progress {
    /// Returns the number of items that have ended.
    pub fn done(&self) -> usize {
        self.succeeded.saturating_add(self.failed)
    }

    /// Returns the number of items that were started and have not ended.
    pub fn running(&self) -> usize {
        self.started.saturating_sub(self.done())
    }
}
