//! The deadline of an invocation, shortly before which no further body starts.

use std::time::Duration;

use durable_types::Timestamp;

/// Decides from when on no further body starts, because the invocation is about to time out.
///
/// # Invariants
/// - Once the deadline is near, it stays near.
/// - The first body of an invocation always starts, so every invocation makes progress.
#[derive(Debug)]
pub(crate) struct Deadline {
    began_at: Timestamp,
    /// When the deadline begins to be near; `None` if the invocation does not suspend before it.
    near_from: Option<Timestamp>,
    is_near: bool,
    has_started_body: bool,
    suspension: Suspension,
}

/// The marker by which the service invokes the function again although nothing else may be pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suspension {
    /// The one with this number is to be recorded next.
    Next(u32),
    /// The one with this number is recorded, or queued to be.
    Pending(u32),
}

impl Deadline {
    pub(crate) fn new(began_at: Timestamp) -> Self {
        Self {
            began_at,
            near_from: None,
            is_near: false,
            has_started_body: false,
            suspension: Suspension::Next(0),
        }
    }

    /// Starts no further body when less than `margin` remains until the deadline; at most half of the time that the
    /// invocation had, so that a margin longer than the timeout of the function leaves time to work.
    pub(crate) fn suspend_before(&mut self, deadline: Timestamp, margin: Duration) {
        // A deadline that had passed before the invocation began shows that the clock is wrong.
        let time = deadline.saturating_since(self.began_at);
        let margin = margin.min(time / 2);
        self.near_from =
            (!margin.is_zero()).then(|| self.began_at.saturating_add(time.saturating_sub(margin)));
    }

    pub(crate) fn handle_time(&mut self, now: Timestamp) {
        self.is_near |= self.is_near_at(now);
    }

    /// Returns whether the deadline is near at this time.
    pub(crate) fn is_near_at(&self, moment: Timestamp) -> bool {
        self.near_from.is_some_and(|near_from| near_from <= moment)
    }

    /// Returns the time until which to wait: this one, or when the deadline begins to be near if that is earlier.
    pub(crate) fn limit(&self, moment: Timestamp) -> Timestamp {
        let near_from = self.near_from.filter(|_| !self.is_near);
        near_from.map_or(moment, |near_from| near_from.min(moment))
    }

    /// Returns whether bodies are held back.
    pub(crate) fn holds_back(&self) -> bool {
        self.is_near && self.has_started_body
    }

    pub(crate) fn handle_body_started(&mut self) {
        self.has_started_body = true;
    }

    /// Returns the number of the suspension to record, or `None` if one is pending. `recorded` is how many earlier
    /// invocations recorded.
    pub(crate) fn suspend(&mut self, recorded: u32) -> Option<u32> {
        let Suspension::Next(number) = self.suspension else { return None };
        self.suspension = Suspension::Pending(number);
        Some(recorded.saturating_add(number))
    }

    /// Handles that a suspension has ended before the invocation did, so that it no longer makes the service invoke
    /// the function again.
    pub(crate) fn handle_suspension_ended(&mut self) {
        if let Suspension::Pending(number) = self.suspension {
            self.suspension = Suspension::Next(number.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        BEGAN.saturating_add(Duration::from_secs(seconds))
    }

    fn deadline(timeout: u64, margin: u64) -> Deadline {
        let mut deadline = Deadline::new(BEGAN);
        deadline.suspend_before(after(timeout), Duration::from_secs(margin));
        deadline
    }

    #[test]
    fn bodies_are_held_back_once_less_than_the_margin_remains() {
        let mut deadline = deadline(60, 2);
        deadline.handle_body_started();

        deadline.handle_time(after(57));
        assert!(!deadline.holds_back());
        deadline.handle_time(after(58));
        assert!(deadline.holds_back());
        deadline.handle_time(after(57));
        assert!(deadline.holds_back(), "it stays near");
    }

    #[test]
    fn the_first_body_starts_however_near_the_deadline_is() {
        let mut deadline = deadline(60, 2);

        deadline.handle_time(after(59));
        assert!(!deadline.holds_back());
        deadline.handle_body_started();

        assert!(deadline.holds_back());
    }

    #[test]
    fn a_margin_longer_than_the_timeout_leaves_half_of_the_time() {
        let mut deadline = deadline(4, 60);
        deadline.handle_body_started();

        assert!(!deadline.is_near_at(after(1)));
        assert!(deadline.is_near_at(after(2)));
    }

    #[test]
    fn without_a_margin_the_deadline_is_never_near() {
        let mut deadline = deadline(60, 0);
        deadline.handle_body_started();

        deadline.handle_time(after(61));

        assert!(!deadline.holds_back());
        assert_eq!(deadline.limit(after(90)), after(90));
    }

    #[test]
    fn nothing_is_waited_for_past_the_margin() {
        let mut deadline = deadline(60, 2);

        assert_eq!(deadline.limit(after(50)), after(50));
        assert_eq!(deadline.limit(after(90)), after(58));
        deadline.handle_time(after(58));
        assert_eq!(deadline.limit(after(90)), after(90), "the time that has come is not waited for again");
    }

    #[test]
    fn one_suspension_is_pending_at_a_time() {
        let mut deadline = deadline(60, 2);

        assert_eq!(deadline.suspend(3), Some(3));
        assert_eq!(deadline.suspend(3), None);
        deadline.handle_suspension_ended();
        assert_eq!(deadline.suspend(3), Some(4));
    }
}
