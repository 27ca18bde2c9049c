//! The record of an operation.

use aws_sdk_lambda::types;
use durable_types::{Operation, OperationStatus, OperationType};

use super::{details, timestamp};

pub(super) fn from_aws(record: types::Operation) -> Operation {
    let operation_type = OperationType::from(record.r#type.as_str());
    let status = OperationStatus::from(record.status.as_str());
    let mut operation = Operation::new(record.id, operation_type, status);
    operation.parent_id = record.parent_id.map(Into::into);
    operation.name = record.name.map(Into::into);
    operation.sub_type = record.sub_type.map(Into::into);
    operation.start_timestamp = Some(timestamp::from_aws(record.start_timestamp));
    operation.end_timestamp = record.end_timestamp.map(timestamp::from_aws);
    operation.execution_details = record.execution_details.map(details::execution).map(Box::new);
    operation.context_details = record.context_details.map(details::context).map(Box::new);
    operation.step_details = record.step_details.map(details::step).map(Box::new);
    operation.wait_details = record.wait_details.map(details::wait).map(Box::new);
    operation.callback_details = record.callback_details.map(details::callback).map(Box::new);
    operation.chained_invoke_details =
        record.chained_invoke_details.map(details::chained_invoke).map(Box::new);
    operation
}
