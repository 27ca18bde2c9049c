//! Callbacks that wait for their answers.

use durable_service::Execution;
use durable_types::{Operation, OperationStatus, OperationType};

/// A callback that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenCallback {
    /// Its name; that of the wait if it belongs to a wait for a callback.
    pub name: Option<String>,
    /// What it is answered by.
    pub id: String,
}

/// The callbacks that wait, in the order in which they were created.
pub(crate) fn open_callbacks(execution: &Execution) -> Vec<OpenCallback> {
    let open = |operation: &&Operation| {
        operation.operation_type == OperationType::Callback && operation.status == OperationStatus::Started
    };
    let told = |operation: &Operation| {
        let parent = || execution.operation(operation.parent_id.as_deref()?)?.name.clone();
        let id = operation.callback_details.as_ref()?.callback_id.clone()?;
        Some(OpenCallback { name: operation.name.clone().or_else(parent), id })
    };
    execution.operations().filter(open).filter_map(told).collect()
}
