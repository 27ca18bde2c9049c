//! How long a timer is left alone that is due but changed nothing.

use std::time::Duration;

use tokio::time::Instant;

/// How long to leave a timer alone that is due again and again without changing anything.
const PAUSE: Duration = Duration::from_secs(1);
/// How often in a row that must be. Once is usual: the clock may say a moment later that a timer is due which was not
/// when it was tried.
const IDLE_IN_A_ROW: u32 = 2;

/// How long a timer is left alone that is due but changed nothing.
#[derive(Debug)]
pub(super) struct Patience {
    idle: u32,
    until: Instant,
}

impl Patience {
    pub(super) fn new(now: Instant) -> Self {
        Self { idle: 0, until: now }
    }

    /// When a timer is to be tried that is due at this time.
    pub(super) fn postponed(&self, due: Instant) -> Instant {
        due.max(self.until)
    }

    /// A timer was tried as it should be.
    pub(super) fn handle_progress(&mut self) {
        self.idle = 0;
    }

    /// A timer was tried that changed nothing, and is due still.
    pub(super) fn handle_idle(&mut self, now: Instant) {
        self.idle = self.idle.saturating_add(1);
        if self.idle >= IDLE_IN_A_ROW {
            self.until = now + PAUSE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_was_tried_a_moment_too_early_is_tried_again_at_once() {
        let now = Instant::now();
        let mut patience = Patience::new(now);

        patience.handle_idle(now);

        assert_eq!(patience.postponed(now), now);
    }

    #[test]
    fn a_timer_that_changes_nothing_twice_is_left_alone_for_a_while() {
        let now = Instant::now();
        let mut patience = Patience::new(now);

        patience.handle_idle(now);
        patience.handle_idle(now);

        assert_eq!(patience.postponed(now), now + PAUSE);
    }

    #[test]
    fn moments_too_early_count_only_in_a_row() {
        let now = Instant::now();
        let mut patience = Patience::new(now);

        patience.handle_idle(now);
        patience.handle_progress();
        patience.handle_idle(now);

        assert_eq!(patience.postponed(now), now);
    }
}
