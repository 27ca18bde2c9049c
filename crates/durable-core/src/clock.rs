//! The clock of one invocation: its start according to the transport, plus the elapsed time of the runtime's clock.

use durable_types::Timestamp;
use tokio::time::Instant;

/// A clock that is monotonic within an invocation.
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

    /// Converts a timestamp into an instant of the runtime.
    pub(crate) fn instant(&self, moment: Timestamp) -> Instant {
        self.began + moment.saturating_since(self.began_at)
    }
}
