//! One line of the log.

use durable_types::Timestamp;

/// A line that a function printed, and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The time at which the service read it.
    pub at: Timestamp,
    /// The name of the function.
    pub function: String,
    /// The log stream of the process that printed it.
    pub stream: String,
    /// The invocation it belongs to, or `None` before the first one of its process.
    pub request_id: Option<String>,
    /// The ARN of the execution it belongs to, if the function is durable.
    pub execution: Option<String>,
    /// The text, without the line break.
    pub text: String,
}
