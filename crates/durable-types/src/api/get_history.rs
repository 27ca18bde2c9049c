//! GetDurableExecutionHistory: tells what happened in an execution, event by event.

use serde::{Deserialize, Serialize};

use crate::history::Event;
use crate::validate::{self, Check};
use crate::violation::Violations;

/// The request of [GetDurableExecutionHistory].
///
/// The ARN travels in the path; the other members are the query.
///
/// [GetDurableExecutionHistory]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionHistory.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetHistoryRequest {
    /// The execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// Whether the events hold inputs, results and errors; so they do if this is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_execution_data: Option<bool>,
    /// How many events a page may hold, at most 1,000; 0 or none is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Where the page begins, from the page before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Whether the newest event comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
}

impl GetHistoryRequest {
    /// Creates a request for the first page of the history of an execution.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into(), ..Self::default() }
    }

    /// Finds every rule this request breaks.
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
    /// The events, in the order that was asked for.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub events: Vec<Event>,
    /// Where the next page begins; none, or empty, on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl GetHistoryResponse {
    /// Creates a page of events.
    pub fn new(events: Vec<Event>, next_marker: Option<String>) -> Self {
        Self { events, next_marker }
    }
}
