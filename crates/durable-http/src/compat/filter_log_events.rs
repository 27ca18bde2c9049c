//! FilterLogEvents of CloudWatch Logs, over the output of functions.

use axum::response::Response;
use durable_host::logs::{LogQuery, Pattern};
use serde::{Deserialize, Serialize};

use super::super::error::ApiError;
use super::super::json::{json, members};
use crate::log_event::LogEvent;
use crate::service::Service;

/// The prefix of the log groups of functions.
const GROUP_PREFIX: &str = "/aws/lambda/";
/// The maximum number of events in a page, and the default.
const MAX_EVENTS: usize = 10_000;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    /// An extension of this service: only lines of this execution.
    durable_execution_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Vec<LogEvent>,
    searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// Returns a page of the lines that match.
pub(super) async fn filter_log_events(service: &Service, body: &[u8]) -> Result<Response, ApiError> {
    let request: Request = members(body)
        .map_err(|error| ApiError::Logs { kind: "SerializationException", message: error.to_string() })?;
    check(&request).map_err(|problem| invalid(problem.to_owned()))?;
    let pattern = Pattern::parse(request.filter_pattern.as_deref().unwrap_or_default());
    let after = request.next_token.as_deref().map(str::parse).transpose();
    let query = LogQuery {
        function: function(service, &request).await?,
        streams: request.log_stream_names.unwrap_or_default(),
        stream_prefix: request.log_stream_name_prefix,
        execution: request.durable_execution_arn,
        start: request.start_time,
        end: request.end_time,
        after: after.map_err(|_| invalid("The specified nextToken is invalid.".to_owned()))?.unwrap_or(0),
        pattern: pattern.map_err(|error| invalid(error.to_string()))?,
        limit: request.limit.unwrap_or(MAX_EVENTS),
    };
    let page = service.host.logs().read(query).await.map_err(|error| ApiError::failed(&error))?;
    json(&Page {
        events: page.lines.into_iter().map(|(id, line)| LogEvent::of(id, line)).collect(),
        searched_log_streams: [],
        next_token: page.next.map(|next| next.to_string()),
    })
}

fn invalid(message: String) -> ApiError {
    ApiError::Logs { kind: "InvalidParameterException", message }
}

/// Rejects members that contradict each other, and options that are not supported.
fn check(request: &Request) -> Result<(), &'static str> {
    if request.log_group_name.is_some() && request.log_group_identifier.is_some() {
        return Err("logGroupName and logGroupIdentifier cannot be given both");
    }
    if request.log_stream_names.is_some() && request.log_stream_name_prefix.is_some() {
        return Err("logStreamNames and logStreamNamePrefix cannot be given both");
    }
    if !request.limit.is_none_or(|limit| (1..=MAX_EVENTS).contains(&limit)) {
        return Err("limit must be 1 to 10000");
    }
    if request.start_from_head == Some(false) {
        return Err("startFromHead must be true here: the earliest events come first");
    }
    Ok(())
}

/// Returns the function that the log group belongs to, or `None` without a group, for the lines of all functions.
async fn function(service: &Service, request: &Request) -> Result<Option<String>, ApiError> {
    let group = request.log_group_name.as_deref().or(request.log_group_identifier.as_deref());
    let Some(group) = group else { return Ok(None) };
    // An identifier may be the ARN of the group.
    let group = group.rsplit(":log-group:").next().unwrap_or(group);
    let name = group.strip_prefix(GROUP_PREFIX).unwrap_or_default();
    let query = LogQuery { function: Some(name.to_owned()), limit: 1, ..LogQuery::default() };
    let is_known = service.functions().find(name).is_some()
        || !service.host.logs().read(query).await.map_err(|error| ApiError::failed(&error))?.lines.is_empty();
    if is_known {
        return Ok(Some(name.to_owned()));
    }
    let message = "The specified log group does not exist.".to_owned();
    Err(ApiError::Logs { kind: "ResourceNotFoundException", message })
}
