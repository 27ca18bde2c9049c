//! The outcome in the record of an operation.

use durable_types::{ErrorObject, Operation, OperationStatus};

use crate::fatal::Fatal;
use crate::settled::Settled;

/// Returns the outcome in a record, if its status is terminal. An unknown status is rejected rather than run again.
pub(crate) fn ended(
    recorded: &Operation,
    result: impl FnOnce() -> Option<String>,
    error: impl FnOnce() -> Option<Box<ErrorObject>>,
) -> Result<Option<Settled>, Fatal> {
    let status = recorded.status.clone();
    match &status {
        OperationStatus::Started | OperationStatus::Pending | OperationStatus::Ready => Ok(None),
        OperationStatus::Succeeded => Ok(Some(Settled::Succeeded(result()))),
        OperationStatus::Failed
        | OperationStatus::Cancelled
        | OperationStatus::TimedOut
        | OperationStatus::Stopped => {
            let error = error().unwrap_or_default();
            Ok(Some(Settled::Failed { status, error }))
        }
        OperationStatus::Unknown(word) => Err(Fatal::Unsupported(format!(
            "operation `{}` has the status {word}, which this version does not know; update the SDK",
            recorded.name.as_deref().unwrap_or(&recorded.id),
        ))),
    }
}
