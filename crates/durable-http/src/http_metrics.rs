//! The metrics of the API.

use durable_host::metrics::buckets;
use durable_http_body::ByteBudget;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::body_collector::BodyCollector;
use super::connection_metrics::ConnectionMetrics;
use super::operation_metrics::{OperationMetrics, Statuses};

/// The label of requests that no operation answered, because the guard or the router rejected them.
const UNROUTED: &str = "(none)";

/// A label set that names the operation.
type ByOperation = [(&'static str, &'static str); 1];

/// The metrics of the API: requests by operation, and connections.
///
/// It is a handle that is cheap to clone; clones share the metrics.
///
/// ```
/// use std::sync::Arc;
///
/// use durable_http::{Guard, HttpSettings};
/// use prometheus_client::registry::Registry;
///
/// let mut http = HttpSettings::new(Guard::new(([127, 0, 0, 1], 9800).into(), None));
/// let mut registry = Registry::default();
/// http.metrics.register(&http.bodies, &mut registry);
/// // `GET /metrics` returns what is registered.
/// http.registry = Arc::new(registry);
/// ```
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: Family<[(&'static str, &'static str); 2], Counter>,
    in_flight: Family<ByOperation, Gauge>,
    duration: Family<ByOperation, Histogram, fn() -> Histogram>,
    connections: ConnectionMetrics,
}

impl HttpMetrics {
    /// Adds the metrics to a registry, and those of the budget of bodies.
    pub fn register(&self, bodies: &ByteBudget, registry: &mut Registry) {
        registry.register(
            "durable_http_requests",
            "Requests that were answered, by operation and class of status",
            self.requests.clone(),
        );
        registry.register(
            "durable_http_requests_in_flight",
            "Requests that have not been answered",
            self.in_flight.clone(),
        );
        registry.register_with_unit(
            "durable_http_request_duration",
            "Time from the head of a request to that of its response",
            Unit::Seconds,
            self.duration.clone(),
        );
        self.connections.register(registry);
        registry.register_collector(Box::new(BodyCollector(bodies.clone())));
    }

    /// Returns the metrics of one operation, which exist from then on.
    pub(super) fn of(&self, operation: &'static str) -> OperationMetrics {
        let by_operation = [("operation", operation)];
        let status =
            |class| self.requests.get_or_create_owned(&[("operation", operation), ("status", class)]);
        OperationMetrics {
            requests: Statuses {
                success: status("2xx"),
                client_error: status("4xx"),
                server_error: status("5xx"),
                other: status("other"),
                aborted: status("aborted"),
            },
            in_flight: self.in_flight.get_or_create_owned(&by_operation),
            duration: self.duration.get_or_create_owned(&by_operation),
        }
    }

    /// Returns the metrics of requests that no operation answered.
    pub(super) fn unrouted(&self) -> OperationMetrics {
        self.of(UNROUTED)
    }

    /// Returns the metrics of connections.
    pub(super) fn connections(&self) -> &ConnectionMetrics {
        &self.connections
    }
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            in_flight: Family::default(),
            duration: Family::new_with_constructor(buckets::durations),
            connections: ConnectionMetrics::default(),
        }
    }
}
