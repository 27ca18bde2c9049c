//! The functions' processes, and the Lambda Runtime API through which they take their invocations.

mod child;
mod endpoint;
pub mod environment;
mod error_object;
mod exit;
mod invocation;
mod launcher;
mod lifeline;
mod machine;
mod output;
mod phase;
mod pool;
mod process;
mod reader;
mod remote;
mod report;
mod runtime;
mod runtime_api;
mod runtime_server;
mod settings;
mod spawner;
mod warm;

pub use endpoint::Endpoint;
pub use error_object::error_object;
pub use invocation::{Invocation, InvocationFailure, TIMED_OUT};
pub use launcher::launch;
pub use output::{OutputLine, OutputSink, OutputStream};
pub use pool::FunctionPool;
pub(crate) use remote::RemoteFunction;
pub use remote::RemoteSettings;
pub use runtime::Runtime;
pub use settings::{FunctionSettings, Launcher, PoolSettings};
