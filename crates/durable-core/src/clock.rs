//! The time of one invocation, from the runtime's clock so that tests can move it.

use std::time::{SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use tokio::time::Instant;

/// Wall-clock time that never runs backwards within an invocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began_at: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began_at: Timestamp::EPOCH.saturating_add(since_epoch), began: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.began_at.saturating_add(self.began.elapsed())
    }

    /// The runtime's instant for a moment.
    pub(crate) fn instant(&self, moment: Timestamp) -> Instant {
        self.began + moment.saturating_since(self.began_at)
    }
}
