//! GetDurableExecution: returns the state of an execution.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::durable_config::DurableConfig;
use crate::error_object::ErrorObject;
use crate::execution_status::ExecutionStatus;
use crate::redacted::redacted;
use crate::timestamp::Timestamp;
use crate::validate::Check;
use crate::violation::Violations;

/// The request of [GetDurableExecution].
///
/// The ARN is part of the path; the other members are query parameters.
///
/// [GetDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetExecutionRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// Whether to include the input, the result and the error; defaults to true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_execution_data: Option<bool>,
}

impl GetExecutionRequest {
    /// Creates a request for an execution and its data.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into(), include_execution_data: None }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.finish()
    }
}

/// The response of [GetDurableExecution].
///
/// `Debug` output redacts the input and the result.
///
/// [GetDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetExecutionResponse {
    /// The ARN of the execution.
    pub durable_execution_arn: String,
    /// The name of the execution.
    pub durable_execution_name: String,
    /// The ARN of the function.
    pub function_arn: String,
    /// The input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_payload: Option<String>,
    /// The result, if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error, if it ended without a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
    /// The start time.
    pub start_timestamp: Timestamp,
    /// The status.
    pub status: ExecutionStatus,
    /// The end time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Timestamp>,
    /// The version of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The trace header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<TraceHeader>,
    /// Whether the response includes the input, the result and the error, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_data_included: Option<bool>,
    /// The durable settings of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_config: Option<DurableConfig>,
    /// The details of the pause, while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_details: Option<PauseDetails>,
    /// The time at which it times out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_execution_timeout_timestamp: Option<Timestamp>,
}

impl GetExecutionResponse {
    /// Creates a response with these required members and no others.
    pub fn new(
        durable_execution_arn: impl Into<String>,
        durable_execution_name: impl Into<String>,
        function_arn: impl Into<String>,
        status: ExecutionStatus,
        start_timestamp: Timestamp,
    ) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            durable_execution_name: durable_execution_name.into(),
            function_arn: function_arn.into(),
            input_payload: None,
            result: None,
            error: None,
            start_timestamp,
            status,
            end_timestamp: None,
            version: None,
            trace_header: None,
            execution_data_included: None,
            durable_config: None,
            pause_details: None,
            expected_execution_timeout_timestamp: None,
        }
    }
}

/// The trace header of an execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TraceHeader {
    /// The trace header of AWS X-Ray, at most 8,192 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_amzn_trace_id: Option<String>,
}

impl TraceHeader {
    /// Creates a trace header.
    pub fn new(x_amzn_trace_id: Option<String>) -> Self {
        Self { x_amzn_trace_id }
    }
}

/// The details of a pause.
///
/// `Debug` output redacts the reason.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PauseDetails {
    /// The time of the request.
    pub pause_request_timestamp: Timestamp,
    /// The reason given in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the execution timeout is suspended during the pause.
    pub execution_timeout_paused: bool,
}

impl PauseDetails {
    /// Creates the details of a pause without a reason.
    pub fn new(pause_request_timestamp: Timestamp, execution_timeout_paused: bool) -> Self {
        Self { pause_request_timestamp, reason: None, execution_timeout_paused }
    }
}

impl fmt::Debug for GetExecutionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetExecutionResponse")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("durable_execution_name", &self.durable_execution_name)
            .field("function_arn", &self.function_arn)
            .field("input_payload", &redacted(&self.input_payload))
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .field("start_timestamp", &self.start_timestamp)
            .field("status", &self.status)
            .field("end_timestamp", &self.end_timestamp)
            .field("version", &self.version)
            .field("trace_header", &self.trace_header)
            .field("execution_data_included", &self.execution_data_included)
            .field("durable_config", &self.durable_config)
            .field("pause_details", &self.pause_details)
            .field("expected_execution_timeout_timestamp", &self.expected_execution_timeout_timestamp)
            .finish()
    }
}

impl fmt::Debug for PauseDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PauseDetails")
            .field("pause_request_timestamp", &self.pause_request_timestamp)
            .field("reason", &redacted(&self.reason))
            .field("execution_timeout_paused", &self.execution_timeout_paused)
            .finish()
    }
}
