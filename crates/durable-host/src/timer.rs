//! Sleeps until the next execution is due.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// The longest sleep. The clock is read again after it, in case it was set or the machine was asleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The timer of the task that processes due executions.
#[derive(Default)]
pub(crate) struct Timer(Notify);

impl Timer {
    /// Interrupts the sleep because an execution is due earlier.
    pub(crate) fn reset(&self) {
        self.0.notify_one();
    }

    /// Sleeps until an execution may be due. `remaining` is the time until the first one, if there is one.
    pub(crate) async fn sleep(&self, remaining: Option<Duration>) {
        let longest = remaining.map_or(LONGEST_SLEEP, |remaining| remaining.min(LONGEST_SLEEP));
        // The caller recomputes the next deadline whether the timeout elapsed or the timer was reset.
        let _ = timeout(longest, self.0.notified()).await;
    }
}
