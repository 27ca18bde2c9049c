//! GetDurableExecutionHistory: returns the events of an execution.

use serde::{Deserialize, Serialize};

use crate::history::Event;
use crate::validate::{self, Check};
use crate::violation::Violations;

/// The request of [GetDurableExecutionHistory].
///
/// The ARN is part of the path; the other members are query parameters.
///
/// [GetDurableExecutionHistory]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionHistory.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetHistoryRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// Whether the events include inputs, results and errors; defaults to true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_execution_data: Option<bool>,
    /// The maximum number of events per page, at most 1,000; 0 or `None` is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// The marker of the page, from the previous response; `None` for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Whether the newest event is first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
}

impl GetHistoryRequest {
    /// Creates a request for the first page of the history of an execution.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into(), ..Self::default() }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        if let Some(items) = self.max_items {
            check.add(validate::max_items(items));
        }
        check.finish()
    }
}

/// The response of [GetDurableExecutionHistory].
///
/// [GetDurableExecutionHistory]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionHistory.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetHistoryResponse {
    /// The events, in the requested order.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub events: Vec<Event>,
    /// The marker of the next page; absent or empty on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl GetHistoryResponse {
    /// Creates a page of events.
    pub fn new(events: Vec<Event>, next_marker: Option<String>) -> Self {
        Self { events, next_marker }
    }
}
