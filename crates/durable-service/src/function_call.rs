//! A call of another function by an execution.

use durable_types::DurableExecutionArn;

use crate::headers::InvocationHeaders;
use crate::payload::Payload;

/// A call of another function whose end the execution waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// The operation that makes the call.
    pub operation_id: String,
    /// The name of the function alone.
    pub function_name: String,
    /// The version of the function: `$LATEST` or a number.
    pub version: String,
    /// The execution to start asynchronously, or `None` for a single invocation of a plain function. A repeated call
    /// has the same ARN, so an execution that was already started can be recognized.
    pub durable_execution_arn: Option<DurableExecutionArn>,
    /// The headers to pass on with the input.
    pub headers: InvocationHeaders,
    /// The input.
    pub input: Option<Payload>,
}
