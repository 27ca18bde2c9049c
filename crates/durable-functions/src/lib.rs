//! Runs the functions of a local service: as child processes behind the Lambda Runtime API, over HTTP, or in this
//! process.
//!
//! [`Functions`] implements [`FunctionInvoker`](durable_host::function::FunctionInvoker). A [`FunctionPool`] starts a
//! process when an invocation finds none idle, and keeps it warm for later invocations.

mod child;
mod definition;
mod endpoint_functions;
pub mod environment;
mod error;
mod error_object;
mod exit;
mod exit_reason;
mod function_output;
mod function_outputs;
mod function_process_metrics;
mod functions;
mod in_process;
mod invocation;
mod launcher;
mod lifeline;
pub mod loopback;
mod machine;
pub mod open_files;
mod output;
mod output_tails;
mod phase;
mod pool;
mod process;
mod process_metrics;
mod reader;
mod remote;
mod report;
mod running_function;
mod runtime;
mod runtime_api;
mod runtime_server;
mod settings;
mod spawner;
mod start_span;
mod warm;
mod watcher;

pub use definition::{FunctionCode, FunctionDefinition};
pub use durable_http_body::ByteBudget;
pub use error::FunctionsError;
pub use error_object::error_object;
pub use functions::Functions;
pub use in_process::{Answering, InProcessFunction};
pub use invocation::{Invocation, InvocationFailure, TIMED_OUT};
pub use launcher::launch;
pub use output::{OutputLine, OutputSink, OutputStream};
pub use output_tails::OutputTails;
pub use pool::FunctionPool;
pub use process_metrics::ProcessMetrics;
pub use remote::RemoteSettings;
pub use runtime::Runtime;
pub use settings::{FunctionSettings, Launcher, PoolSettings};
