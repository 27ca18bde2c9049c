//! Reads the logs of functions through the CloudWatch Logs API.

use durable_types::DurableExecutionArn;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client::Client;
use super::error::RemoteError;
use super::request::Request;

const FILTER: &str = "Logs_20140328.FilterLogEvents";

/// The lines to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogQuery {
    /// Only those of this function. `None` means all, which AWS does not support.
    pub(crate) function: Option<String>,
    /// Only those of this execution.
    pub(crate) execution: Option<String>,
    /// Only those since this time, in milliseconds since 1970.
    pub(crate) start: Option<i64>,
    pub(crate) token: Option<String>,
}

/// A line that a function logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LogEvent {
    pub(crate) timestamp: i64,
    pub(crate) message: String,
    pub(crate) event_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_stream_name: Option<String>,
    /// Set only by the local service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) durable_execution_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
}

/// A page of log lines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LogPage {
    pub(crate) events: Vec<LogEvent>,
    pub(crate) next_token: Option<String>,
}

/// The request on the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_pattern: Option<String>,
    /// Supported only by the local service.
    #[serde(skip_serializing_if = "Option::is_none")]
    durable_execution_arn: Option<String>,
}

impl Client {
    /// Returns one page of log lines.
    pub(crate) async fn logs(&self, query: &LogQuery) -> Result<LogPage, RemoteError> {
        let function = query.function.clone().or_else(|| query.execution.as_deref().and_then(function_of));
        let by_pattern = query.execution.as_deref().filter(|_| self.is_aws());
        let by_arn = query.execution.as_deref().filter(|_| !self.is_aws());
        let body = FilterRequest {
            log_group_name: function.map(|name| format!("/aws/lambda/{name}")),
            start_time: query.start,
            next_token: query.token.clone(),
            filter_pattern: by_pattern.map(pattern),
            durable_execution_arn: by_arn.map(str::to_owned),
        };
        let body = serde_json::to_vec(&body).map_err(|error| RemoteError::Unsendable(error.to_string()))?;
        self.send(Request::logs(FILTER, body)).await?.json()
    }
}

/// Returns a filter pattern for the JSON lines of an execution, the only ones that CloudWatch can attribute.
fn pattern(arn: &str) -> String {
    let arn = json!(arn);
    format!("{{ ($.durableExecutionArn = {arn}) || ($.executionArn = {arn}) }}")
}

fn function_of(arn: &str) -> Option<String> {
    Some(arn.parse::<DurableExecutionArn>().ok()?.function_name().to_owned())
}
