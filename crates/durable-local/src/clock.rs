//! The time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;

/// The moment it is.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::EPOCH.saturating_add(since_epoch)
}
