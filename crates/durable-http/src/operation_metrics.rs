//! The metrics of one operation of the API.

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// The metrics of one operation, whose labels are resolved once.
#[derive(Debug)]
pub(super) struct OperationMetrics {
    pub(super) requests: Statuses,
    pub(super) in_flight: Gauge,
    pub(super) duration: Histogram,
}

/// The requests that were answered, by class of status.
#[derive(Debug)]
pub(super) struct Statuses {
    pub(super) success: Counter,
    pub(super) client_error: Counter,
    pub(super) server_error: Counter,
    pub(super) other: Counter,
    /// The client disconnected before the response, or the handler panicked.
    pub(super) aborted: Counter,
}

/// Marks a response of an operation, and names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnsweredBy(pub(super) &'static str);

impl OperationMetrics {
    /// Counts a request as in flight until it is answered, or the result is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> RequestInFlight {
        self.in_flight.inc();
        RequestInFlight { metrics: Arc::clone(self), began: Instant::now(), status: None }
    }
}

impl Statuses {
    /// Counts a request that was answered.
    pub(super) fn count(&self, status: StatusCode) {
        let counter = match status.as_u16() / 100 {
            2 => &self.success,
            4 => &self.client_error,
            5 => &self.server_error,
            _ => &self.other,
        };
        counter.inc();
    }
}

/// A request that is in flight until this is dropped.
#[derive(Debug)]
pub(super) struct RequestInFlight {
    metrics: Arc<OperationMetrics>,
    began: Instant,
    status: Option<StatusCode>,
}

impl RequestInFlight {
    /// Reports that the request was answered.
    pub(super) fn handle_answered(mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        self.metrics.duration.observe(self.began.elapsed().as_secs_f64());
        match self.status {
            Some(status) => self.metrics.requests.count(status),
            None => drop(self.metrics.requests.aborted.inc()),
        }
    }
}
