//! Errors of executions, as clients of the service see them.

use durable_types::{ErrorObject, OperationStatus};

use super::error::Error;
use super::kind::OperationKind;
use super::subject::Subject;

/// Returns the error of an execution that ended without a result, given what the service recorded.
///
/// It can be downcast like the error of an [invocation](crate::DurableContext::invoke) of the function. The status is
/// failed, timed out or stopped.
///
/// ```
/// use durable_core::error::{OperationKind, execution_error};
/// use durable_core::types::{ErrorObject, OperationStatus};
///
/// let declined = ErrorObject::new("PaymentError", "declined");
/// let error = execution_error("order-17", OperationStatus::Failed, declined);
///
/// assert_eq!(error.to_string(), "execution `order-17` failed: declined");
/// assert_eq!(error.operation_kind(), Some(OperationKind::Execution));
/// ```
pub fn execution_error(name: &str, status: OperationStatus, error: ErrorObject) -> Error {
    Subject::new(OperationKind::Execution, Some(name)).ended(status, error)
}
