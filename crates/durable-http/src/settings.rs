//! The settings of the API.

use std::sync::Arc;

use durable_http_body::ByteBudget;
use prometheus_client::registry::Registry;
use rustix::process::{Resource, getrlimit};

use super::guard::Guard;
use super::http_metrics::HttpMetrics;

/// The maximum of the default limit on connections.
const MAX_CONNECTIONS: usize = 8_192;
/// The minimum of the default limit on connections.
const MIN_CONNECTIONS: usize = 64;

/// The settings of the API.
#[non_exhaustive]
pub struct HttpSettings {
    /// Decides which requests are answered.
    pub guard: Guard,
    /// The memory that the bodies of all requests may hold together. Checkpoints, reads of states and answers to callbacks
    /// may use its reserve, so uploads cannot starve running functions.
    pub bodies: ByteBudget,
    /// The number of connections that may be open. At most half of them can wait for invocations; the others are reserved
    /// for checkpoints, so waiting callers cannot starve them.
    ///
    /// The default is half of the files that the process may open, but at least 64 and at most 8,192.
    pub connections: usize,
    /// The metrics of the API.
    pub metrics: HttpMetrics,
    /// The metrics that `GET /metrics` returns. By default there are none: register [`metrics`](Self::metrics) and those
    /// of the other parts of the service.
    pub registry: Arc<Registry>,
}

impl HttpSettings {
    /// Creates settings with the default limits.
    pub fn new(guard: Guard) -> Self {
        Self {
            guard,
            bodies: ByteBudget::default(),
            connections: default_connections(),
            metrics: HttpMetrics::default(),
            registry: Arc::default(),
        }
    }
}

fn default_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(MAX_CONNECTIONS, |files| (files / 2).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS))
}
