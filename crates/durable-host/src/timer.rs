//! Sleeps until the first execution is due.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// The longest sleep: afterwards the clock is read again, in case it was set or the machine slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The sleep of the task that handles executions when they are due.
#[derive(Default)]
pub(crate) struct Timer(Notify);

impl Timer {
    /// Ends the sleep, because an execution is due earlier.
    pub(crate) fn reset(&self) {
        self.0.notify_one();
    }

    /// Sleeps until an execution may be due, `remaining` being the time until the first one.
    pub(crate) async fn sleep(&self, remaining: Option<Duration>) {
        let longest = remaining.map_or(LONGEST_SLEEP, |remaining| remaining.min(LONGEST_SLEEP));
        // Both ends mean the same: the time of the first execution is read again.
        let _ = timeout(longest, self.0.notified()).await;
    }
}
