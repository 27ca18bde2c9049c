//! How exact the timestamps of the service are.

use std::time::Duration;

use durable_types::Timestamp;

/// The unit in which the times of two records can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolution(Duration);

impl Resolution {
    /// A resolution of zero means that nothing is recorded at the same time as something else.
    pub(crate) fn new(resolution: Duration) -> Self {
        Self(resolution)
    }

    /// Whether the times of any two records can be told apart.
    pub(super) fn is_exact(self) -> bool {
        self.0.is_zero()
    }

    /// How long to wait so that the next record is at a later time than the one before.
    pub(crate) fn as_duration(self) -> Duration {
        self.0
    }

    /// The unit of time that a timestamp lies in.
    pub(super) fn unit(self, at: Timestamp) -> i64 {
        let micros = i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX).max(1);
        at.as_micros().div_euclid(micros)
    }
}
