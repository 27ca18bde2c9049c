//! A point in time on two clocks.

use std::time::{Duration, SystemTime};

/// A point in time on the monotonic clock and on the wall clock.
///
/// The monotonic clock may stand still while the sandbox of a function is frozen, and the wall clock may be adjusted.
/// So what has a time limit is too old if either clock says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    pub(super) monotonic: std::time::Instant,
    pub(super) wall: SystemTime,
}

impl Instant {
    pub(super) fn now() -> Self {
        Self { monotonic: std::time::Instant::now(), wall: SystemTime::now() }
    }

    /// Returns the time since `earlier` on the clock on which more has passed, or `None` if the wall clock was set back,
    /// because then the elapsed time is unknown.
    pub(super) fn since(self, earlier: Self) -> Option<Duration> {
        let monotonic = self.monotonic.saturating_duration_since(earlier.monotonic);
        let wall = self.wall.duration_since(earlier.wall).ok()?;
        Some(monotonic.max(wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_clock_on_which_more_time_has_passed_counts() {
        let start = Instant::now();
        let frozen = Instant { wall: start.wall + SECOND * 60, ..start };
        let adjusted = Instant { monotonic: start.monotonic + SECOND, ..start };

        assert_eq!(frozen.since(start), Some(SECOND * 60));
        assert_eq!(adjusted.since(start), Some(SECOND));
    }

    #[test]
    fn no_time_is_known_since_before_the_wall_clock_was_set_back() {
        let start = Instant::now();
        let set_back = Instant { wall: start.wall - SECOND, monotonic: start.monotonic + SECOND };

        assert_eq!(set_back.since(start), None);
    }
}
