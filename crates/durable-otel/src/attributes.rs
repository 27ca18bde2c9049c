//! The names of spans and attributes, as AWS's SDKs define them.

use durable_core::plugin::OperationInfo;
use opentelemetry::KeyValue;

pub(crate) const ROOT: &str = "DurableExecutionRoot";
pub(crate) const INVOCATION: &str = "Invocation";
pub(crate) const WORKFLOW: &str = "Workflow";

pub(crate) const EXECUTION_ARN: &str = "durable.execution.arn";
pub(crate) const EXECUTION_STATUS: &str = "durable.execution.status";
pub(crate) const SYNTHETIC_ROOT: &str = "durable.execution.synthetic_root";
pub(crate) const INVOCATION_FIRST: &str = "durable.invocation.first";
pub(crate) const INVOCATION_STATUS: &str = "durable.invocation.status";
pub(crate) const OPERATION_STATUS: &str = "durable.operation.status";
pub(crate) const ATTEMPT_NUMBER: &str = "durable.attempt.number";
pub(crate) const ATTEMPT_OUTCOME: &str = "durable.attempt.outcome";

/// Returns the attributes that identify an operation.
pub(crate) fn of_operation(operation: &OperationInfo, name: Option<&str>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("durable.operation.id", operation.id.to_string()),
        KeyValue::new("durable.operation.type", operation.operation_type.to_string()),
    ];
    let sub_type = operation.sub_type.as_ref();
    attributes
        .extend(sub_type.map(|sub_type| KeyValue::new("durable.operation.subtype", sub_type.to_string())));
    attributes.extend(name.map(|name| KeyValue::new("durable.operation.name", name.to_owned())));
    attributes
}
