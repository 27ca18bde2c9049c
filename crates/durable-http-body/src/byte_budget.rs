//! Limits how much memory the bodies of all requests hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A limit on the bytes that all bodies hold in memory together.
///
/// A part of it, the reserve, is out of reach of ordinary bodies. Those that running functions depend on may use all of
/// it, through the handle that [`with_reserve`](Self::with_reserve) returns.
///
/// It is a handle that is cheap to clone; clones share the budget.
///
/// # Invariants
/// - Reservations through one handle never make the bytes that are held exceed [`limit`](Self::limit) of that handle.
/// - Nothing waits for the budget, so reservations cannot deadlock: one that does not fit is denied.
///
/// ```
/// use durable_http_body::ByteBudget;
///
/// let ordinary = ByteBudget::new(100, 20);
/// let mut upload = ordinary.reservation();
///
/// assert!(upload.try_grow(100));
/// assert!(!ordinary.reservation().try_grow(1));
/// assert!(ordinary.with_reserve().reservation().try_grow(20));
/// ```
#[derive(Clone, Debug)]
pub struct ByteBudget {
    held: Arc<AtomicUsize>,
    ordinary: usize,
    reserve: usize,
    limit: usize,
}

impl ByteBudget {
    /// The default number of bytes for all bodies, 256 MB.
    ///
    /// It holds 16 of the largest ordinary requests of the API, or the export of an execution with 100 MB of data, the
    /// most that one may have, even if escaping it as JSON in JSON doubles it.
    pub const DEFAULT_BYTES: usize = 256 * 1024 * 1024;
    /// The default size of the reserve, 64 MB: four of the largest requests, ten of the largest answers of functions, or
    /// 80 of the largest checkpoints.
    pub const DEFAULT_RESERVE: usize = 64 * 1024 * 1024;

    /// Creates a budget of `ordinary` bytes for all bodies, and `reserve` bytes more for those that use the reserve.
    pub fn new(ordinary: usize, reserve: usize) -> Self {
        Self { held: Arc::default(), ordinary, reserve, limit: ordinary }
    }

    /// Returns a handle to the same budget whose reservations may use the reserve.
    #[must_use]
    pub fn with_reserve(&self) -> Self {
        Self { limit: self.ordinary.saturating_add(self.reserve), ..self.clone() }
    }

    /// Returns the number of bytes up to which this handle grants reservations.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the number of bytes that are reserved now, through any handle.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Acquire)
    }

    /// Returns a reservation of no bytes, which can grow.
    pub fn reservation(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }
}

impl Default for ByteBudget {
    fn default() -> Self {
        Self::new(Self::DEFAULT_BYTES, Self::DEFAULT_RESERVE)
    }
}

/// Bytes of a [`ByteBudget`] that are in use. They are released when this is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: ByteBudget,
    bytes: usize,
}

impl Reservation {
    /// Reserves more bytes and returns whether the budget allows it. If not, nothing changes.
    #[must_use]
    pub fn try_grow(&mut self, bytes: usize) -> bool {
        let limit = self.budget.limit;
        let grown = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        // Nothing to reserve fits even while the reserve is in use.
        if bytes > 0 && self.budget.held.fetch_update(Ordering::AcqRel, Ordering::Acquire, grown).is_err() {
            return false;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        true
    }

    /// Returns the number of bytes that are reserved.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_are_granted_up_to_the_limit_and_no_further() {
        let budget = ByteBudget::new(10, 5);
        let (mut first, mut second) = (budget.reservation(), budget.reservation());

        assert!(first.try_grow(6) && second.try_grow(3));
        assert!(!second.try_grow(2));
        assert!(second.try_grow(1));
        assert_eq!((first.bytes(), second.bytes(), budget.held()), (6, 4, 10));
    }

    #[test]
    fn a_reservation_is_released_when_it_is_dropped() {
        let budget = ByteBudget::new(10, 0);
        let mut first = budget.reservation();
        assert!(first.try_grow(10));

        drop(first);

        assert_eq!(budget.held(), 0);
        assert!(budget.reservation().try_grow(10));
    }

    #[test]
    fn ordinary_reservations_leave_the_reserve_to_those_that_may_use_it() {
        let budget = ByteBudget::new(10, 5);
        let mut ordinary = budget.reservation();
        assert!(ordinary.try_grow(10));

        let mut reserved = budget.with_reserve().reservation();

        assert!(reserved.try_grow(5));
        assert!(!reserved.try_grow(1));
        assert!(!ordinary.try_grow(1));
    }

    #[test]
    fn an_empty_reservation_fits_even_while_the_reserve_is_in_use() {
        let budget = ByteBudget::new(10, 5);
        let mut reserved = budget.with_reserve().reservation();
        assert!(reserved.try_grow(15));

        assert!(budget.reservation().try_grow(0));
    }

    #[test]
    fn a_number_of_bytes_that_overflows_is_denied() {
        let budget = ByteBudget::new(usize::MAX, 5);
        let mut first = budget.with_reserve().reservation();
        assert!(first.try_grow(1));

        assert!(!budget.reservation().try_grow(usize::MAX));
    }

    #[test]
    fn threads_that_reserve_at_once_never_exceed_the_limit() {
        let budget = ByteBudget::new(1_000, 500);

        std::thread::scope(|scope| {
            for thread in 0..8 {
                let handle = if thread % 2 == 0 { budget.clone() } else { budget.with_reserve() };
                scope.spawn(move || {
                    for _ in 0..500 {
                        let mut reservation = handle.reservation();
                        while reservation.try_grow(97) {
                            assert!(handle.held() <= 1_500);
                        }
                    }
                });
            }
        });

        assert_eq!(budget.held(), 0);
    }
}
