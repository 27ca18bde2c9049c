//! One line of the log.

use durable_types::Timestamp;
use serde::{Deserialize, Serialize};

/// A line that a function wrote, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// When it was read.
    pub(crate) at: Timestamp,
    pub(crate) function: String,
    /// The log stream of the process that wrote it.
    pub(crate) stream: String,
    /// The invocation that it belongs to; none before the first of its process.
    pub(crate) request_id: Option<String>,
    /// The ARN of the execution that it belongs to, if that is one of a durable function.
    pub(crate) execution: Option<String>,
    pub(crate) text: String,
}

/// A line as FilterLogEvents tells it, with what only this service knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEvent {
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) ingestion_time: i64,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) event_id: String,
    #[serde(default)]
    pub(crate) log_stream_name: String,
    #[serde(default)]
    pub(crate) function_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) durable_execution_arn: Option<String>,
}

impl LogEvent {
    /// The line with this number.
    pub(crate) fn of(id: i64, line: LogLine) -> Self {
        let timestamp = line.at.as_millis();
        Self {
            timestamp,
            ingestion_time: timestamp,
            message: line.text,
            event_id: id.to_string(),
            log_stream_name: line.stream,
            function_name: line.function,
            request_id: line.request_id,
            durable_execution_arn: line.execution,
        }
    }

    /// The line that this tells.
    pub(crate) fn into_line(self) -> LogLine {
        LogLine {
            at: Timestamp::from_millis(self.timestamp),
            function: self.function_name,
            stream: self.log_stream_name,
            request_id: self.request_id,
            execution: self.durable_execution_arn,
            text: self.message,
        }
    }
}
