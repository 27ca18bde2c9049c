//! The state from which requests are answered.

use std::sync::{Mutex, PoisonError};

use durable_host::Host;
use durable_host::account::Account;
use durable_host::function::FunctionInvoker;

/// The state from which requests are answered.
pub(crate) struct Service {
    pub(crate) host: Host,
    /// The Lambda endpoint for functions that the service does not have.
    default_endpoint: Mutex<Option<String>>,
}

impl Service {
    pub(crate) fn new(host: Host) -> Self {
        Self { host, default_endpoint: Mutex::default() }
    }

    pub(crate) fn functions(&self) -> &dyn FunctionInvoker {
        self.host.functions()
    }

    pub(crate) fn account(&self) -> &Account {
        self.host.account()
    }

    /// Sets the Lambda endpoint for functions of executions whose start names none.
    pub(crate) fn set_default_endpoint(&self, endpoint: &str) {
        *self.default_endpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some(endpoint.to_owned());
    }

    /// Returns the URL at which a function is invoked: at the endpoint that is given, or at the default one.
    pub(crate) fn invocation_url(&self, endpoint: Option<&str>, function: &str) -> Option<String> {
        let default = self.default_endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let endpoint = endpoint.map(str::to_owned).or(default)?;
        Some(format!("{}/2015-03-31/functions/{function}/invocations", endpoint.trim_end_matches('/')))
    }
}
