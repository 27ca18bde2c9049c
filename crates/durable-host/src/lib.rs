//! Drives the executions of a service: the async layer around [`durable_service::Dispatcher`].
//!
//! A [`Host`] depends on three traits: an [`EventStore`](store::EventStore) persists events, a
//! [`FunctionInvoker`](function::FunctionInvoker) invokes functions, and a [`Clock`](clock::Clock) provides the time. A
//! [`LogStore`](logs::LogStore) stores the output of functions. The host itself performs no HTTP or disk I/O and starts
//! no processes.
//!
//! A request is answered only after all of its changes are recorded. After a crash, [`Host::resume_all`] resumes every
//! unfinished execution.

pub mod account;
pub mod causes;
mod change_queue;
mod changes;
pub mod clock;
mod command_kind;
mod commands;
pub mod endpoint;
pub mod error;
mod execution_api;
pub mod function;
mod host;
mod host_settings;
mod invocation_outcome;
mod invocations;
mod list;
mod load_permits;
pub mod logs;
pub mod lossy;
pub mod metrics;
mod milliseconds;
pub mod panic;
mod pending_causes;
mod progress;
mod random;
mod read;
mod record;
mod requests;
mod retention;
mod spans;
mod start;
pub mod store;
mod timer;
pub mod transfer;
mod wait;
mod watch;
mod watchers;

pub mod history;

pub use change_queue::ChangedExecutions;
pub use changes::ExecutionChanges;
pub use execution_api::{ExecutionApi, Responding};
pub use host::Host;
pub use host_settings::HostSettings;
pub use invocations::FAILED_INVOCATIONS;
pub use milliseconds::milliseconds;
pub use progress::ClosedExecution;
pub use start::{ExecutionStart, Followed};
pub use watch::ExecutionWatch;
