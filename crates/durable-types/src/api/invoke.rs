//! Invoke: starts an execution, or returns the existing one of the same name.

use std::fmt;

use crate::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};
use crate::open_enum::open_enum;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request header with the name of the execution to start.
pub const DURABLE_EXECUTION_NAME_HEADER: &str = "x-amz-durable-execution-name";
/// The response header with the ARN of the execution that was started or found.
pub const DURABLE_EXECUTION_ARN_HEADER: &str = "x-amz-durable-execution-arn";
/// The request header with the invocation type.
pub const INVOCATION_TYPE_HEADER: &str = "x-amz-invocation-type";
/// The trace header.
pub const TRACE_ID_HEADER: &str = "x-amzn-trace-id";
/// The request header with the client context, as base64 of JSON.
pub const CLIENT_CONTEXT_HEADER: &str = "x-amz-client-context";
/// The request header with the tenant id.
pub const TENANT_ID_HEADER: &str = "x-amz-tenant-id";
/// The response header with the version that ran.
pub const EXECUTED_VERSION_HEADER: &str = "x-amz-executed-version";
/// The response header that is set if the function failed.
pub const FUNCTION_ERROR_HEADER: &str = "x-amz-function-error";

/// The request header with the log type.
pub const LOG_TYPE_HEADER: &str = "x-amz-log-type";
/// The response header with the last 4 KB of the function's log, as base64.
pub const LOG_RESULT_HEADER: &str = "x-amz-log-result";

open_enum! {
    /// Whether the response includes the end of the function's log ([`LogType`] of Invoke).
    ///
    /// [`LogType`]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    pub enum LogType {
        /// No log.
        None = "None",
        /// The last 4 KB.
        Tail = "Tail",
    }
}

open_enum! {
    /// How a function is invoked ([`InvocationType`] of Invoke).
    ///
    /// [`InvocationType`]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    pub enum InvocationType {
        /// Asynchronously: the response does not wait for the function.
        Event = "Event",
        /// Synchronously: the response contains the result.
        RequestResponse = "RequestResponse",
        /// Only validates the request.
        DryRun = "DryRun",
    }
}

/// The request of [Invoke], with the members that concern durable functions.
///
/// The name of the function is part of the path, the qualifier is a query parameter, and the other members are headers.
/// The body is the raw payload, which `Debug` output redacts.
///
/// [Invoke]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvokeRequest {
    /// The function, as a name, a partial ARN or an ARN.
    pub function_name: String,
    /// The version or alias, unless it is part of the name. Durable functions must be invoked with one.
    pub qualifier: Option<String>,
    /// The invocation type; defaults to [`InvocationType::RequestResponse`].
    pub invocation_type: Option<InvocationType>,
    /// The name of the execution. A request with the same name and payload returns the existing execution.
    pub durable_execution_name: Option<String>,
    /// The tenant id.
    pub tenant_id: Option<String>,
    /// The input.
    pub payload: Option<Vec<u8>>,
}

impl InvokeRequest {
    /// Creates a request that invokes a function synchronously, without a payload.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self {
            function_name: function_name.into(),
            qualifier: None,
            invocation_type: None,
            durable_execution_name: None,
            tenant_id: None,
            payload: None,
        }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("FunctionName", &TextRule::FUNCTION_NAME, &self.function_name);
        check.optional_text("Qualifier", &TextRule::QUALIFIER, self.qualifier.as_deref());
        if let Some(InvocationType::Unknown(word)) = &self.invocation_type {
            check.refuse(
                "InvocationType",
                format!("must be Event, RequestResponse or DryRun, but is {word:?}"),
            );
        }
        let name = self.durable_execution_name.as_deref();
        check.optional_text("DurableExecutionName", &TextRule::EXECUTION_NAME, name);
        check.optional_text("TenantId", &TextRule::TENANT_ID, self.tenant_id.as_deref());
        let max_bytes = match self.invocation_type {
            Some(InvocationType::Event) => MAX_OPERATION_PAYLOAD_BYTES,
            Some(InvocationType::RequestResponse | InvocationType::DryRun | InvocationType::Unknown(_))
            | None => MAX_EXECUTION_PAYLOAD_BYTES,
        };
        check.payload("Payload", self.payload.as_deref(), max_bytes);
        check.finish()
    }
}

/// The response of [Invoke], with the members that concern durable functions.
///
/// The members are headers; the body is the raw payload, which `Debug` output redacts.
///
/// [Invoke]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvokeResponse {
    /// The HTTP status: 200 for a synchronous invocation, 202 for an asynchronous one, 204 for a dry run.
    pub status_code: u16,
    /// Set if the function failed; the payload then contains the error.
    pub function_error: Option<String>,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// The ARN of the execution that was started or found.
    pub durable_execution_arn: Option<String>,
    /// The result or the error of a synchronous invocation.
    pub payload: Option<Vec<u8>>,
}

impl InvokeResponse {
    /// Creates a response with this status code and no other members.
    pub fn new(status_code: u16) -> Self {
        Self {
            status_code,
            function_error: None,
            executed_version: None,
            durable_execution_arn: None,
            payload: None,
        }
    }
}

impl fmt::Debug for InvokeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeRequest")
            .field("function_name", &self.function_name)
            .field("qualifier", &self.qualifier)
            .field("invocation_type", &self.invocation_type)
            .field("durable_execution_name", &self.durable_execution_name)
            .field("tenant_id", &self.tenant_id)
            .field("payload_bytes", &self.payload.as_ref().map(Vec::len))
            .finish()
    }
}

impl fmt::Debug for InvokeResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeResponse")
            .field("status_code", &self.status_code)
            .field("function_error", &self.function_error)
            .field("executed_version", &self.executed_version)
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("payload_bytes", &self.payload.as_ref().map(Vec::len))
            .finish()
    }
}
