//! The shape of log lines in the API of CloudWatch Logs.

use durable_host::logs::LogLine;
use durable_types::Timestamp;
use serde::{Deserialize, Serialize};

/// A line as FilterLogEvents returns it, with additional members of this service.
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
    /// Returns the event of the line with this number.
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

    /// Returns the line of the event.
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
