//! The current time, for display.

use durable_host::clock::{Clock, SystemClock};
use durable_types::Timestamp;

/// Returns the current time.
pub(crate) fn now() -> Timestamp {
    SystemClock::default().now()
}
