//! The resolution of the service's timestamps.

use std::time::Duration;

use durable_types::Timestamp;

/// The unit of time within which two records cannot be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolution(Duration);

impl Resolution {
    /// Creates a resolution; zero means that no two records have the same time.
    pub(crate) fn new(resolution: Duration) -> Self {
        Self(resolution)
    }

    /// Returns whether any two records can be ordered by their times.
    pub(super) fn is_exact(self) -> bool {
        self.0.is_zero()
    }

    /// Returns how long to wait so that the next record has a later time than the previous one.
    pub(crate) fn as_duration(self) -> Duration {
        self.0
    }

    /// Returns the unit of time that contains a timestamp.
    pub(super) fn unit(self, at: Timestamp) -> i64 {
        let micros = i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX).max(1);
        at.as_micros().div_euclid(micros)
    }
}
