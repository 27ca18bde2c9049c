//! A line of a function's log.

use durable_types::Timestamp;

/// A line that a function printed, and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The time at which the service read it.
    pub at: Timestamp,
    /// The name of the function.
    pub function: String,
    /// The log stream, which identifies the process that printed it.
    pub stream: String,
    /// The request id of its invocation, or `None` before the first one of its process.
    pub request_id: Option<String>,
    /// The ARN of the execution it belongs to, if the function is durable.
    pub execution: Option<String>,
    /// The text, without the line break.
    pub text: String,
}
