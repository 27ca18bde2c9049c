//! The time of one invocation: where the transport says that it began, and what the runtime's clock added since.

use durable_types::Timestamp;
use tokio::time::Instant;

/// Time that never runs backwards within an invocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began_at: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn start(began_at: Timestamp) -> Self {
        Self { began_at, began: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.began_at.saturating_add(self.began.elapsed())
    }

    /// The runtime's instant for a moment.
    pub(crate) fn instant(&self, moment: Timestamp) -> Instant {
        self.began + moment.saturating_since(self.began_at)
    }
}
