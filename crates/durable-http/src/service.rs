//! The state from which requests are answered.

use std::sync::{Arc, Mutex, PoisonError};

use durable_host::Host;
use durable_host::account::Account;
use durable_host::function::FunctionInvoker;
use durable_http_body::ByteBudget;
use prometheus_client::registry::Registry;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::ApiError;
use super::guard::Guard;
use super::http_metrics::HttpMetrics;
use super::operation_metrics::OperationMetrics;
use super::settings::HttpSettings;

/// The state from which requests are answered.
pub(crate) struct Service {
    pub(crate) host: Host,
    pub(crate) guard: Guard,
    /// The memory that the bodies of all requests may hold together.
    pub(crate) bodies: ByteBudget,
    pub(crate) metrics: HttpMetrics,
    /// The metrics of requests that no operation answered.
    pub(crate) unrouted: OperationMetrics,
    /// All metrics of the service.
    pub(crate) registry: Arc<Registry>,
    /// Limits invocations, which may take long, so that connections remain for the checkpoints that end executions.
    invocations: Semaphore,
    /// The Lambda endpoint for functions that the service does not have.
    default_endpoint: Mutex<Option<String>>,
}

impl Service {
    /// Creates the state. Half as many invocations as connections may be in progress.
    pub(crate) fn new(host: Host, settings: HttpSettings) -> Self {
        let HttpSettings { guard, bodies, connections, metrics, registry } = settings;
        let invocations = Semaphore::new((connections / 2).clamp(1, Semaphore::MAX_PERMITS));
        let unrouted = metrics.unrouted();
        let default_endpoint = Mutex::default();
        Self { host, guard, bodies, metrics, unrouted, registry, invocations, default_endpoint }
    }

    pub(crate) fn functions(&self) -> Arc<dyn FunctionInvoker> {
        self.host.functions()
    }

    pub(crate) fn account(&self) -> &Account {
        self.host.account()
    }

    /// Counts an invocation as in progress until the permit is dropped, unless the limit is reached.
    pub(crate) fn begin_invocation(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        self.invocations.try_acquire().map_err(|_| too_many_invocations())
    }

    /// Sets the Lambda endpoint for functions of executions whose start names none.
    pub(crate) fn set_default_endpoint(&self, endpoint: &str) {
        *self.default_endpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some(endpoint.to_owned());
    }

    /// Returns the URL at which a function is invoked: at the given endpoint, or at the default one.
    pub(crate) fn invocation_url(&self, endpoint: Option<&str>, function: &str) -> Option<String> {
        let default = self.default_endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let endpoint = endpoint.map(str::to_owned).or(default)?;
        Some(format!("{}/2015-03-31/functions/{function}/invocations", endpoint.trim_end_matches('/')))
    }
}

fn too_many_invocations() -> ApiError {
    let message = "the limit on invocations in progress is reached; retry when some have ended, or invoke with the type \
                   Event";
    ApiError::TooMany { reason: "ConcurrentInvocationLimitExceeded", message: message.to_owned() }
}
