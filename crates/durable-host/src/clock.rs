//! The clock of the host.

use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;

/// A source of the current time. It must never run backwards.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// The system clock, made monotonic.
///
/// It follows the system clock when that is set forward or the machine was asleep. While the system clock is set back,
/// or outside the range that can be recorded, it advances with the monotonic clock instead, so that timers keep their
/// durations and later events have later timestamps.
#[derive(Debug, Default)]
pub struct SystemClock(Mutex<Readings>);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readings.handle_read(recordable(SystemTime::now()), Instant::now())
    }
}

/// The error message for a system clock outside the range that can be recorded.
pub const UNUSABLE: &str =
    "the system clock is before 1970 or after 2255, which cannot be recorded; set the clock";

/// Returns whether the system clock is in the range that can be recorded.
pub fn is_usable() -> bool {
    recordable(SystemTime::now()).is_some()
}

/// Drives a future while the system clock is usable. Returns `None` as soon as it is not.
///
/// hyper's server adds the date to each response, and panics if that is before 1970 or after 9999.
pub async fn while_usable<T>(is_usable: impl Fn() -> bool, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| if is_usable() { work.as_mut().poll(context).map(Some) } else { Poll::Ready(None) })
        .await
}

/// Converts a system time, or returns `None` if it cannot be recorded.
fn recordable(system: SystemTime) -> Option<Timestamp> {
    let since_epoch = system.duration_since(UNIX_EPOCH).ok()?;
    let is_in_range = since_epoch <= Timestamp::MAX.saturating_since(Timestamp::EPOCH);
    is_in_range.then(|| Timestamp::EPOCH.saturating_add(since_epoch))
}

/// Combines readings of the system clock and the monotonic clock into a monotonic time.
#[derive(Debug, Default)]
struct Readings {
    /// The last time returned, and the monotonic clock when it was returned.
    latest: Option<(Timestamp, Instant)>,
}

impl Readings {
    fn handle_read(&mut self, system: Option<Timestamp>, at: Instant) -> Timestamp {
        let elapsed = |(latest, latest_at): (Timestamp, Instant)| {
            latest.saturating_add(at.saturating_duration_since(latest_at))
        };
        let now = self.latest.map(elapsed).max(system).unwrap_or(Timestamp::EPOCH);
        self.latest = Some((now, at));
        now
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOON: i64 = 43_200_000;

    /// Returns the times for pairs of readings: the system clock in milliseconds after noon, and the monotonic clock in
    /// milliseconds since the first reading.
    fn times(readings: &[(i64, u64)]) -> Vec<i64> {
        let mut clock = Readings::default();
        let begin = Instant::now();
        let readings = readings.iter().map(|(system, passed)| {
            let system = Timestamp::from_millis(NOON + system);
            clock.handle_read(Some(system), begin + Duration::from_millis(*passed)).as_millis() - NOON
        });
        readings.collect()
    }

    #[test]
    fn it_advances_evenly_while_the_system_clock_is_out_of_range() {
        let mut clock = Readings::default();
        let (noon, begin) = (Timestamp::from_millis(NOON), Instant::now());
        clock.handle_read(Some(noon), begin);

        let now = clock.handle_read(None, begin + Duration::from_secs(10));

        assert_eq!(now, noon.saturating_add(Duration::from_secs(10)));
    }

    #[test]
    fn times_before_1970_and_after_2255_cannot_be_recorded() {
        let after = |seconds| recordable(UNIX_EPOCH + Duration::from_secs(seconds));

        assert_eq!(after(1), Some(Timestamp::from_millis(1_000)));
        assert_eq!(after(9_000_000_000), Some(Timestamp::MAX));
        assert_eq!(after(9_000_000_001), None);
        assert_eq!(after(260_000_000_000), None, "the year 10209");
        assert_eq!(recordable(UNIX_EPOCH - Duration::from_secs(1)), None);
    }

    #[test]
    fn it_follows_the_system_clock() {
        assert_eq!(times(&[(0, 0), (10, 10), (25, 25)]), [0, 10, 25]);
    }

    #[test]
    fn it_follows_when_the_system_clock_is_set_forward() {
        assert_eq!(times(&[(0, 0), (3_600_010, 10), (3_600_020, 20)]), [0, 3_600_010, 3_600_020]);
    }

    #[test]
    fn it_advances_evenly_when_the_system_clock_is_set_back() {
        assert_eq!(
            times(&[(0, 0), (-3_600_000, 10), (-3_599_000, 1_010), (2_000, 1_020)]),
            [0, 10, 1_010, 2_000]
        );
    }
}
