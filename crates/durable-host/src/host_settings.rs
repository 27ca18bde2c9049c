//! The dependencies and limits of a host.

use std::sync::Arc;

use durable_service::Settings;

use crate::account::Account;
use crate::clock::{Clock, SystemClock};
use crate::function::FunctionInvoker;
use crate::logs::LogStore;
use crate::store::EventStore;

/// The dependencies and limits of a [`Host`](crate::Host).
#[derive(Clone)]
#[non_exhaustive]
pub struct HostSettings {
    /// The store of executions.
    pub store: Arc<dyn EventStore>,
    /// The store of the functions' output.
    pub logs: Arc<dyn LogStore>,
    /// The functions.
    pub functions: Arc<dyn FunctionInvoker>,
    /// The clock. The default is [`SystemClock`].
    pub clock: Arc<dyn Clock>,
    /// The account and region in ARNs.
    pub account: Account,
    /// The limits and delays of the service.
    pub rules: Settings,
}

impl HostSettings {
    /// Combines a store, a log and functions with the system clock and the default account and limits.
    pub fn new(
        store: Arc<dyn EventStore>,
        logs: Arc<dyn LogStore>,
        functions: Arc<dyn FunctionInvoker>,
    ) -> Self {
        let (account, rules) = (Account::default(), Settings::default());
        Self { store, logs, functions, clock: Arc::new(SystemClock::default()), account, rules }
    }
}
