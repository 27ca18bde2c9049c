//! The connections that carry no request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::instant::Instant;

/// How long a connection may be idle before it is no longer used: shorter than servers keep idle connections open.
const MAX_IDLE: Duration = Duration::from_secs(20);

/// How many connections are kept at most, after more concurrent requests.
const MAX_CONNECTIONS: usize = 64;

/// Idle connections, the newest last.
#[derive(Debug)]
pub(super) struct Pool<C> {
    idle: Mutex<Vec<Idle<C>>>,
}

#[derive(Debug)]
struct Idle<C> {
    connection: C,
    since: Instant,
}

impl<C> Pool<C> {
    pub(super) fn new() -> Self {
        Self { idle: Mutex::new(Vec::new()) }
    }

    /// Takes the connection that was used last.
    pub(super) fn take(&self, now: Instant) -> Option<C> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        // The others have been idle for longer still, and are dropped by `put`.
        idle.is_usable(now).then_some(idle.connection)
    }

    /// Keeps a connection for later requests, and drops those that have been idle for too long or are too many.
    pub(super) fn put(&self, connection: C, now: Instant) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.is_usable(now));
        if idle.len() >= MAX_CONNECTIONS {
            idle.remove(0);
        }
        idle.push(Idle { connection, since: now });
    }
}

impl<C> Idle<C> {
    fn is_usable(&self, now: Instant) -> bool {
        now.since(self.since).is_some_and(|idle| idle <= MAX_IDLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(instant: Instant, seconds: u64) -> Instant {
        let passed = Duration::from_secs(seconds);
        Instant { monotonic: instant.monotonic + passed, wall: instant.wall + passed }
    }

    #[test]
    fn the_connection_that_was_used_last_is_used_next() {
        let (pool, now) = (Pool::new(), Instant::now());
        pool.put(1, now);
        pool.put(2, later(now, 1));

        let taken = [2, 2, 2].map(|seconds| pool.take(later(now, seconds)));

        assert_eq!(taken, [Some(2), Some(1), None]);
    }

    #[test]
    fn a_connection_that_has_been_idle_for_too_long_is_dropped() {
        let (pool, now) = (Pool::new(), Instant::now());
        pool.put(1, now);
        pool.put(2, later(now, 21));

        assert_eq!(pool.take(later(now, 41)), Some(2));
        assert_eq!(pool.take(later(now, 41)), None);
        pool.put(3, now);
        assert_eq!(pool.take(later(now, 21)), None);
    }

    #[test]
    fn the_oldest_connection_gives_way_to_one_too_many() {
        let (pool, now) = (Pool::new(), Instant::now());

        for connection in 0..=MAX_CONNECTIONS {
            pool.put(connection, now);
        }

        let kept: Vec<_> = std::iter::from_fn(|| pool.take(now)).collect();
        assert_eq!(kept.len(), MAX_CONNECTIONS);
        assert_eq!(kept.last(), Some(&1));
    }

    #[test]
    fn a_connection_does_not_survive_a_freeze_that_only_the_wall_clock_counts() {
        let (pool, now) = (Pool::new(), Instant::now());
        pool.put(1, now);

        let thawed = Instant { monotonic: now.monotonic, ..later(now, 3_600) };

        assert_eq!(pool.take(thawed), None);
    }
}
