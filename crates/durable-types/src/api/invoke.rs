//! Invoke: starts an execution, or finds the one that already has the name.

use std::fmt;

use crate::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};
use crate::open_enum::open_enum;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The header that names the execution to start.
pub const DURABLE_EXECUTION_NAME_HEADER: &str = "x-amz-durable-execution-name";
/// The header of the answer that says which execution was started or found.
pub const DURABLE_EXECUTION_ARN_HEADER: &str = "x-amz-durable-execution-arn";
/// The header that says how to invoke.
pub const INVOCATION_TYPE_HEADER: &str = "x-amz-invocation-type";
/// The header that says which trace an invocation belongs to.
pub const TRACE_ID_HEADER: &str = "x-amzn-trace-id";
/// The header that holds what the caller tells the function about itself, as base64 of JSON.
pub const CLIENT_CONTEXT_HEADER: &str = "x-amz-client-context";
/// The header that names the tenant to invoke the function for.
pub const TENANT_ID_HEADER: &str = "x-amz-tenant-id";
/// The header of the answer that says which version ran.
pub const EXECUTED_VERSION_HEADER: &str = "x-amz-executed-version";
/// The header of the answer that says that the function failed.
pub const FUNCTION_ERROR_HEADER: &str = "x-amz-function-error";

/// The header that says whether the answer is to hold the end of the function's log.
pub const LOG_TYPE_HEADER: &str = "x-amz-log-type";
/// The header of the answer that holds the end of the function's log, as base64.
pub const LOG_RESULT_HEADER: &str = "x-amz-log-result";

open_enum! {
    /// Whether an answer holds the end of the function's log ([`LogType`] of Invoke).
    ///
    /// [`LogType`]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    pub enum LogType {
        /// It does not.
        None = "None",
        /// It holds the last 4 KB.
        Tail = "Tail",
    }
}

open_enum! {
    /// How to invoke a function ([`InvocationType`] of Invoke).
    ///
    /// [`InvocationType`]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    pub enum InvocationType {
        /// Start it and answer at once.
        Event = "Event",
        /// Start it and answer with its result.
        RequestResponse = "RequestResponse",
        /// Only check that it could be invoked.
        DryRun = "DryRun",
    }
}

/// The request of [Invoke], as far as it concerns durable functions.
///
/// The name of the function travels in the path, the qualifier in the query, the other members in headers. The body
/// is the payload itself, byte by byte. `Debug` does not show it.
///
/// [Invoke]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvokeRequest {
    /// The function: a name, a partial ARN or an ARN.
    pub function_name: String,
    /// The version or alias, unless the name holds it. A durable function is invoked with one.
    pub qualifier: Option<String>,
    /// How to invoke; none is [`InvocationType::RequestResponse`].
    pub invocation_type: Option<InvocationType>,
    /// The name of the execution. Another request with the same name and payload finds the same execution.
    pub durable_execution_name: Option<String>,
    /// The tenant to invoke the function for.
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

    /// Finds every rule this request breaks.
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

/// The response of [Invoke], as far as it concerns durable functions.
///
/// The members travel in headers; the body is the payload itself. `Debug` does not show it.
///
/// [Invoke]: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvokeResponse {
    /// 200 with a result, 202 if the execution was started only, 204 if nothing was.
    pub status_code: u16,
    /// That the function failed, if it did; the payload then tells how.
    pub function_error: Option<String>,
    /// The version that runs the execution.
    pub executed_version: Option<String>,
    /// The execution that was started or found.
    pub durable_execution_arn: Option<String>,
    /// The result, or the error, of an execution that was waited for.
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
