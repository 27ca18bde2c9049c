//! Log lines that name their location in an execution and are not repeated on replay, and events of the SDK itself.
//!
//! # Lifecycle events
//! The SDK emits `tracing` events of level DEBUG with the target `durable::lifecycle`, which `RUST_LOG=durable=debug`
//! selects. They cost nothing unless a subscriber wants them when an invocation starts. Names and fields are stable:
//!
//! | event | when | fields besides `executionArn` |
//! |---|---|---|
//! | `durable.execution.resumed` | an invocation starts | `requestId`, `isFirst`, `operations`: how many are recorded |
//! | `durable.invocation.ended` | an invocation ends; with the status `PENDING`, the execution is suspended | `requestId`, `status`, `errorType`, `errorMessage` |
//! | `durable.operation.started` | an operation starts, or the code reaches one that has not ended | `operationId`, `operationName`, `operationType`, `isReplay` |
//! | `durable.operation.ended` | an operation ended | `operationId`, `operationName`, `operationType`, `status`, `errorType`, `errorMessage` |
//! | `durable.attempt.failed` | an attempt or the body of a context failed | `operationId`, `operationName`, `attempt`, `errorType`, `errorMessage` |
//!
//! The target `durable::plugin` reports [plugins](crate::plugin) that fail, at level WARN.

#[cfg(feature = "logging")]
mod environment;
#[cfg(feature = "logging")]
mod error;
#[cfg(feature = "logging")]
mod line;
mod log_context;
#[cfg(feature = "logging")]
mod log_format;
#[cfg(feature = "logging")]
mod log_lines;

#[cfg(feature = "logging")]
pub use error::LoggingError;
pub use log_context::{LogContext, LogStep, log_context};
#[cfg(feature = "logging")]
pub use log_format::LogFormat;
#[cfg(feature = "logging")]
pub use log_lines::LogLines;
