//! Log lines that say where in an execution they were written, and that are written once.

#[cfg(feature = "logging")]
mod json_lines;
mod log_context;

#[cfg(feature = "logging")]
pub use json_lines::JsonLines;
pub use log_context::{LogContext, LogStep, log_context};
