//! The open connections, and which of them a new one replaces when there are too many.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::connection_metrics::ConnectionMetrics;

/// The connections that are open, up to a limit.
///
/// A connection beyond the limit replaces the one that has been idle for the longest time. HTTP clients must
/// expect the end of an idle connection at any time, so this costs them less than a rejected request.
///
/// # Invariants
/// - At most `limit` connections are registered.
/// - A connection with a request in progress, with unread bytes or with unsent bytes of a response is never replaced.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    /// Increases with each change, so that activities can be ordered without a clock.
    sequence: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    metrics: ConnectionMetrics,
}

impl Connections {
    pub(super) fn new(limit: usize, metrics: ConnectionMetrics) -> Self {
        Self { limit, sequence: AtomicU64::new(0), open: Mutex::default(), metrics }
    }

    /// Registers a new connection, unless the limit is reached and no connection is idle.
    pub(super) fn open(self: &Arc<Self>) -> Option<Connection> {
        let id = self.next();
        let activity = Arc::new(Activity {
            idle_since: AtomicU64::new(id),
            is_sending: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            replaced: Notify::new(),
        });
        let opened = self.with_open(|open| {
            if open.len() >= self.limit {
                let idle = open.iter().filter_map(|(id, activity)| Some((activity.idle_since()?, *id)));
                let (_, longest) = idle.min()?;
                open.remove(&longest)?.replaced.notify_one();
                self.metrics.handle_replaced();
            }
            open.insert(id, Arc::clone(&activity));
            Some(())
        });
        match opened {
            Some(()) => self.metrics.handle_opened(),
            None => self.metrics.handle_rejected(),
        }
        opened.map(|()| Connection { connections: Arc::clone(self), id, activity })
    }

    fn next(&self) -> u64 {
        // Zero means that a request is in progress.
        self.sequence.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    fn with_open<T>(&self, change: impl FnOnce(&mut HashMap<u64, Arc<Activity>>) -> T) -> T {
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An open connection, registered until this is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    connections: Arc<Connections>,
    id: u64,
    activity: Arc<Activity>,
}

impl Connection {
    /// Records that a request is in progress until the result is dropped.
    pub(super) fn begin_request(&self) -> RequestInProgress {
        self.activity.idle_since.store(0, Ordering::Release);
        RequestInProgress { connections: Arc::clone(&self.connections), activity: Arc::clone(&self.activity) }
    }

    /// Returns the activity, in which the stream of the connection records unread and unsent bytes.
    pub(super) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    /// Returns whether no request is in progress, everything that arrived is read, and all responses are sent.
    pub(super) fn is_idle(&self) -> bool {
        self.activity.idle_since().is_some()
    }

    /// Waits until a new connection has replaced this one, which must then be closed.
    pub(super) async fn replaced(&self) {
        self.activity.replaced.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.with_open(|open| open.remove(&self.id));
        self.connections.metrics.handle_closed();
    }
}

/// A request that is in progress until this is dropped.
#[derive(Debug)]
pub(super) struct RequestInProgress {
    connections: Arc<Connections>,
    activity: Arc<Activity>,
}

impl Drop for RequestInProgress {
    fn drop(&mut self) {
        self.activity.idle_since.store(self.connections.next(), Ordering::Release);
    }
}

/// The activity of a connection.
#[derive(Debug)]
pub(super) struct Activity {
    /// The sequence number from which no request was in progress, or 0 while one is.
    idle_since: AtomicU64,
    /// Whether bytes of a response are waiting to be sent.
    is_sending: AtomicBool,
    /// Whether everything received has been read. A request may already be waiting in a new connection.
    is_silent: AtomicBool,
    replaced: Notify,
}

impl Activity {
    pub(super) fn set_sending(&self, is_sending: bool) {
        self.is_sending.store(is_sending, Ordering::Release);
    }

    pub(super) fn set_silent(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::Release);
    }

    fn idle_since(&self) -> Option<u64> {
        let since = self.idle_since.load(Ordering::Acquire);
        let is_waiting = self.is_silent.load(Ordering::Acquire) && !self.is_sending.load(Ordering::Acquire);
        (since != 0 && is_waiting).then_some(since)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn open(connections: &Arc<Connections>) -> Option<Connection> {
        let connection = connections.open()?;
        connection.activity().set_silent(true);
        Some(connection)
    }

    fn is_replaced(connection: &Connection) -> bool {
        pin!(connection.replaced()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_connection_beyond_the_limit_replaces_the_one_that_was_idle_for_the_longest_time() {
        let connections = Arc::new(Connections::new(2, ConnectionMetrics::default()));
        let first = open(&connections).unwrap();
        let second = open(&connections).unwrap();
        // It was opened first, but has been used since.
        drop(first.begin_request());

        let third = open(&connections).unwrap();

        assert_eq!([&first, &second, &third].map(is_replaced), [false, true, false]);
    }

    #[test]
    fn a_connection_that_was_replaced_is_no_longer_counted() {
        let connections = Arc::new(Connections::new(1, ConnectionMetrics::default()));
        let first = open(&connections).unwrap();
        let second = open(&connections).unwrap();
        let _request = second.begin_request();

        drop(first);

        assert!(open(&connections).is_none());
    }

    #[test]
    fn a_connection_in_use_is_not_replaced() {
        let connections = Arc::new(Connections::new(2, ConnectionMetrics::default()));
        let (first, second) = (open(&connections).unwrap(), open(&connections).unwrap());
        let request = first.begin_request();
        second.activity().set_sending(true);

        assert!(open(&connections).is_none());
        drop(request);
        assert!(open(&connections).is_some());
        assert_eq!([&first, &second].map(is_replaced), [true, false]);
    }

    #[test]
    fn a_connection_that_ends_is_no_longer_counted() {
        let connections = Arc::new(Connections::new(1, ConnectionMetrics::default()));
        let first = open(&connections).unwrap();
        let _request = first.begin_request();
        assert!(open(&connections).is_none());

        drop(first);

        assert!(open(&connections).is_some());
    }

    #[test]
    fn a_connection_whose_first_request_may_be_waiting_is_not_replaced() {
        let connections = Arc::new(Connections::new(1, ConnectionMetrics::default()));
        let first = connections.open().unwrap();

        assert!(connections.open().is_none());
        first.activity().set_silent(true);
        assert!(connections.open().is_some());
    }
}
