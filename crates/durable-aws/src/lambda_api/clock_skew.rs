//! Corrects the wall clock by that of the service.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much dates of signatures may differ from the service's time; it accepts five minutes.
const TOLERANCE: Duration = Duration::from_secs(4 * 60);

/// How far the wall clock is behind that of the service, as after the sandbox was frozen.
///
/// It is zero until the service refuses a signature for its date.
#[derive(Debug, Default)]
pub(super) struct ClockSkew {
    seconds: AtomicI64,
}

impl ClockSkew {
    /// Returns the time of the service at this time of the wall clock.
    pub(super) fn correct(&self, now: SystemTime) -> SystemTime {
        let seconds = self.seconds.load(Ordering::Relaxed);
        let skew = Duration::from_secs(seconds.unsigned_abs());
        let corrected = if seconds < 0 { now.checked_sub(skew) } else { now.checked_add(skew) };
        corrected.unwrap_or(now)
    }

    /// Handles a response that refuses a signature. Returns whether another signature may be accepted, because the date
    /// of this one was wrong.
    pub(super) fn handle_refused(
        &self,
        signed_at: SystemTime,
        service_time: SystemTime,
        now: SystemTime,
    ) -> bool {
        let difference =
            service_time.duration_since(signed_at).unwrap_or_else(|signed_later| signed_later.duration());
        if difference <= TOLERANCE {
            return false;
        }
        self.seconds.store(seconds(service_time).saturating_sub(seconds(now)), Ordering::Relaxed);
        true
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_clock_that_is_off_is_corrected_in_both_directions() {
        for service_time in [10_000, 90_000] {
            let skew = ClockSkew::default();

            assert!(skew.handle_refused(at(50_000), at(service_time), at(50_000)));

            assert_eq!(skew.correct(at(50_001)), at(service_time + 1));
        }
    }

    #[test]
    fn a_signature_of_the_right_time_is_refused_for_another_reason() {
        let skew = ClockSkew::default();

        assert!(!skew.handle_refused(at(1_000), at(1_240), at(1_000)));
        assert!(!skew.handle_refused(at(1_240), at(1_000), at(1_240)));

        assert_eq!(skew.correct(at(1_000)), at(1_000));
    }

    #[test]
    fn a_signature_that_became_old_on_its_way_is_replaced_by_one_of_the_same_clock() {
        let skew = ClockSkew::default();

        assert!(skew.handle_refused(at(1_000), at(9_000), at(9_000)));

        assert_eq!(skew.correct(at(9_000)), at(9_000));
    }

    #[test]
    fn a_clock_that_is_set_right_later_is_believed_again() {
        let skew = ClockSkew::default();

        assert!(skew.handle_refused(at(1_000), at(9_000), at(1_000)));
        let signed_at = skew.correct(at(9_010));
        assert!(skew.handle_refused(signed_at, at(9_010), at(9_010)));

        assert_eq!(skew.correct(at(9_020)), at(9_020));
    }
}
