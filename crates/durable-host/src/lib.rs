//! Drives the executions of a service: the async layer around [`durable_service::Dispatcher`].
//!
//! A [`Host`] runs on three traits, each an edge of its own: an [`EventStore`](store::EventStore) records what happens,
//! a [`FunctionInvoker`](function::FunctionInvoker) invokes functions, and a [`Clock`](clock::Clock) tells the time. A
//! [`LogStore`](logs::LogStore) keeps what functions print. The host itself knows neither HTTP nor disks nor processes.
//!
//! A request is answered once everything it changed is recorded. After a crash, [`Host::resume_all`] continues what had
//! not ended.

pub mod account;
pub mod causes;
pub mod clock;
pub mod endpoint;
pub mod error;
mod execution_api;
pub mod function;
mod host;
mod host_settings;
mod list;
pub mod logs;
pub mod lossy;
pub mod panic;
mod progress;
mod random;
mod read;
mod record;
mod requests;
mod retention;
mod start;
pub mod store;
mod timer;
pub mod transfer;
mod wait;
mod watch;
mod watchers;

pub mod history;

pub use execution_api::{ExecutionApi, Responding};
pub use host::{FAILED_INVOCATIONS, Host};
pub use host_settings::HostSettings;
pub use progress::ClosedExecution;
pub use start::{ExecutionStart, Followed};
pub use watch::ExecutionWatch;
