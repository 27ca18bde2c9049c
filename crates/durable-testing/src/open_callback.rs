//! Callbacks that are waiting for an answer.

use durable_service::Execution;
use durable_types::{Operation, OperationStatus, OperationType};

/// A callback that is waiting for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenCallback {
    /// The name of the callback, or of the `wait_for_callback` it belongs to.
    pub name: Option<String>,
    /// The id by which to answer it.
    pub id: String,
}

/// Returns the callbacks that are waiting for an answer, in the order in which they were created.
pub(crate) fn open_callbacks(execution: &Execution) -> Vec<OpenCallback> {
    let open = |operation: &&Operation| {
        operation.operation_type == OperationType::Callback && operation.status == OperationStatus::Started
    };
    let to_open_callback = |operation: &Operation| {
        let parent = || execution.operation(operation.parent_id.as_deref()?)?.name.clone();
        let id = operation.callback_details()?.callback_id.clone()?;
        Some(OpenCallback { name: operation.name.clone().or_else(parent).map(Into::into), id })
    };
    execution.operations().filter(open).filter_map(to_open_callback).collect()
}
