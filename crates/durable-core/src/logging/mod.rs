//! Log lines that name their location in an execution and are not repeated on replay.

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
