//! The time of day, which does not run backwards while the process lives.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;

static CLOCK: Mutex<Clock> = Mutex::new(Clock { latest: None });

/// The moment it is.
///
/// When somebody sets the clock of the system forward, or the machine slept, it follows. When somebody sets it back, it
/// goes on evenly: what waits for ten seconds waits for ten seconds, and what happens later has the later timestamp.
pub(crate) fn now() -> Timestamp {
    let mut clock = CLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    clock.handle_read(Timestamp::EPOCH.saturating_add(since_epoch), Instant::now())
}

/// What tells the time from the clock of the system and the time that has passed.
#[derive(Debug)]
struct Clock {
    /// The time that was told last, and when that was.
    latest: Option<(Timestamp, Instant)>,
}

impl Clock {
    fn handle_read(&mut self, system: Timestamp, at: Instant) -> Timestamp {
        let now = match self.latest {
            Some((told, told_at)) => told.saturating_add(at.saturating_duration_since(told_at)).max(system),
            None => system,
        };
        self.latest = Some((now, at));
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 43_200_000;

    /// What the clock tells when the system says so many milliseconds after noon, each so many after the first.
    fn told(readings: &[(i64, u64)]) -> Vec<i64> {
        let mut clock = Clock { latest: None };
        let begin = Instant::now();
        let readings = readings.iter().map(|(system, passed)| {
            let system = Timestamp::from_millis(NOON + system);
            clock.handle_read(system, begin + Duration::from_millis(*passed)).as_millis() - NOON
        });
        readings.collect()
    }

    #[test]
    fn it_tells_what_the_system_tells() {
        assert_eq!(told(&[(0, 0), (10, 10), (25, 25)]), [0, 10, 25]);
    }

    #[test]
    fn it_follows_when_the_system_is_set_forward() {
        assert_eq!(told(&[(0, 0), (3_600_010, 10), (3_600_020, 20)]), [0, 3_600_010, 3_600_020]);
    }

    #[test]
    fn it_goes_on_evenly_when_the_system_is_set_back() {
        assert_eq!(
            told(&[(0, 0), (-3_600_000, 10), (-3_599_000, 1_010), (2_000, 1_020)]),
            [0, 10, 1_010, 2_000]
        );
    }
}
