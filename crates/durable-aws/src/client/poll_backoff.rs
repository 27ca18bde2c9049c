//! The delays between polls.

use std::time::Duration;

/// Exponential backoff with jitter: a delay is at least half of its bound, which doubles each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PollBackoff {
    pub(super) next: Duration,
    pub(super) max: Duration,
}

impl Default for PollBackoff {
    fn default() -> Self {
        Self { next: Duration::from_millis(200), max: Duration::from_secs(5) }
    }
}

impl PollBackoff {
    /// Returns the next delay. The fraction is random, from 0 to 1.
    pub(super) fn next_delay(&mut self, fraction: f64) -> Duration {
        let bound = self.next.min(self.max);
        self.next = bound.saturating_mul(2);
        let half = bound / 2;
        half + half.mul_f64(fraction.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit() {
        let mut backoff = PollBackoff::default();

        let delays: Vec<u128> = (0..7).map(|_| backoff.next_delay(1.0).as_millis()).collect();

        assert_eq!(delays, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    }

    #[test]
    fn delays_are_at_least_half_of_their_bound() {
        assert_eq!(PollBackoff::default().next_delay(0.0), Duration::from_millis(100));
        assert_eq!(PollBackoff::default().next_delay(0.5), Duration::from_millis(150));
    }
}
