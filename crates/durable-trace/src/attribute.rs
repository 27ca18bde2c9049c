//! The names of spans and attributes, as AWS's SDKs define them.

/// The name of the span that is the root of a trace without a caller.
pub const ROOT: &str = "DurableExecutionRoot";
/// The name of the span of an invocation.
pub const INVOCATION: &str = "Invocation";
/// The name of the span of an execution.
pub const WORKFLOW: &str = "Workflow";

/// The ARN of the execution.
pub const EXECUTION_ARN: &str = "durable.execution.arn";
/// The status with which the execution ended.
pub const EXECUTION_STATUS: &str = "durable.execution.status";
/// Whether the span is a root without work of its own.
pub const SYNTHETIC_ROOT: &str = "durable.execution.synthetic_root";
/// Whether the invocation is the first of its execution.
pub const INVOCATION_FIRST: &str = "durable.invocation.first";
/// The status with which the invocation ended.
pub const INVOCATION_STATUS: &str = "durable.invocation.status";
/// The id of the operation.
pub const OPERATION_ID: &str = "durable.operation.id";
/// The type of the operation.
pub const OPERATION_TYPE: &str = "durable.operation.type";
/// The subtype of the operation.
pub const OPERATION_SUB_TYPE: &str = "durable.operation.subtype";
/// The name of the operation.
pub const OPERATION_NAME: &str = "durable.operation.name";
/// The status of the operation.
pub const OPERATION_STATUS: &str = "durable.operation.status";
/// The number of the attempt, counting from 1.
pub const ATTEMPT_NUMBER: &str = "durable.attempt.number";
/// How the attempt ended.
pub const ATTEMPT_OUTCOME: &str = "durable.attempt.outcome";
