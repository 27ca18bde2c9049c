//! Waits until executions are due.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::host::Host;

/// The longest sleep: afterwards the clock is read again, in case it was set or the machine slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Wakes the task that waits until executions are due.
#[derive(Default)]
pub(crate) struct Timer(Notify);

impl Timer {
    /// Has the time of the next due execution read again.
    pub(crate) fn reset(&self) {
        self.0.notify_one();
    }
}

impl Host {
    /// Handles whatever is due, until the service stops.
    pub(crate) async fn run_timer(self) {
        loop {
            let Some(due) = self.next_due() else { return };
            let remaining = due.map_or(LONGEST_SLEEP, |due| due.saturating_since(self.now()));
            if remaining.is_zero() {
                self.drive(|dispatcher, environment| while dispatcher.handle_time(environment) {});
            } else {
                // What is due earlier interrupts the sleep.
                let _ = timeout(remaining.min(LONGEST_SLEEP), self.timer().0.notified()).await;
            }
        }
    }
}
