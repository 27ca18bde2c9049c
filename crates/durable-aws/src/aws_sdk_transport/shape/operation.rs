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
    operation.details = match &operation.operation_type {
        OperationType::Execution => record.execution_details.map(|it| details::execution(it).into()),
        OperationType::Context => record.context_details.map(|it| details::context(it).into()),
        OperationType::Step => record.step_details.map(|it| details::step(it).into()),
        OperationType::Wait => record.wait_details.map(|it| details::wait(it).into()),
        OperationType::Callback => record.callback_details.map(|it| details::callback(it).into()),
        OperationType::ChainedInvoke => {
            record.chained_invoke_details.map(|it| details::chained_invoke(it).into())
        }
        OperationType::Unknown(_) => None,
    };
    operation
}
