//! A call of another function that an execution makes.

use durable_types::DurableExecutionArn;

use crate::headers::InvocationHeaders;
use crate::payload::Payload;

/// A call of another function, of which the execution wants to know the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// The operation that makes it.
    pub operation_id: String,
    /// The name of the function alone.
    pub function_name: String,
    /// The version of the function: `$LATEST` or a number.
    pub version: String,
    /// The execution to start, asynchronously; none: the function is not durable, but invoked once. The same call has
    /// the same ARN whenever it is asked for, so that starting it twice can be told.
    pub durable_execution_arn: Option<DurableExecutionArn>,
    /// What is passed on besides the input.
    pub headers: InvocationHeaders,
    /// The input.
    pub input: Option<Payload>,
}
