//! The metrics of connections.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The metrics of connections.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionMetrics {
    open: Gauge,
    accepted: Counter,
    replaced: Counter,
    rejected: Counter,
}

impl ConnectionMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("durable_http_connections", "Connections that are open", self.open.clone());
        registry.register(
            "durable_http_connections_accepted",
            "Connections that were accepted",
            self.accepted.clone(),
        );
        registry.register(
            "durable_http_connections_replaced",
            "Idle connections that new ones replaced, because the limit was reached",
            self.replaced.clone(),
        );
        registry.register(
            "durable_http_connections_rejected",
            "Connections that were rejected, because all others had requests in progress",
            self.rejected.clone(),
        );
    }

    pub(super) fn handle_opened(&self) {
        self.open.inc();
        self.accepted.inc();
    }

    pub(super) fn handle_replaced(&self) {
        self.replaced.inc();
    }

    pub(super) fn handle_rejected(&self) {
        self.rejected.inc();
    }

    pub(super) fn handle_closed(&self) {
        self.open.dec();
    }
}
