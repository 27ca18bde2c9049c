//! Limits how many executions are loaded from the store concurrently.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The maximum number of executions loaded concurrently in order to resume, and again in order to be read.
const MAX_CONCURRENT_LOADS: usize = 4;

/// The permits for loads. Executions that resume have permits of their own, so they need not wait for callers that read.
///
/// # Invariants
/// - The semaphores are never closed, so every call returns a permit.
pub(crate) struct LoadPermits {
    resume: Semaphore,
    read: Semaphore,
}

impl LoadPermits {
    pub(crate) fn new() -> Self {
        let [resume, read] = [(); 2].map(|()| Semaphore::new(MAX_CONCURRENT_LOADS));
        Self { resume, read }
    }

    /// Waits for a permit to load an execution that resumes.
    pub(crate) async fn to_resume(&self) -> Option<SemaphorePermit<'_>> {
        self.resume.acquire().await.ok()
    }

    /// Waits for a permit to load an execution that is read.
    pub(crate) async fn to_read(&self) -> Option<SemaphorePermit<'_>> {
        self.read.acquire().await.ok()
    }
}
