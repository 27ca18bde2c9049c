//! Attributes of the spans of operations.

use durable_core::plugin::OperationInfo;
use durable_trace::attribute;
use opentelemetry::KeyValue;

/// Returns the attributes that identify an operation.
pub(crate) fn of_operation(operation: &OperationInfo, name: Option<&str>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(attribute::OPERATION_ID, operation.id.to_string()),
        KeyValue::new(attribute::OPERATION_TYPE, operation.operation_type.to_string()),
    ];
    let sub_type = operation.sub_type.as_ref();
    attributes
        .extend(sub_type.map(|sub_type| KeyValue::new(attribute::OPERATION_SUB_TYPE, sub_type.to_string())));
    attributes.extend(name.map(|name| KeyValue::new(attribute::OPERATION_NAME, name.to_owned())));
    attributes
}
