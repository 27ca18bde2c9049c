//! The rules for a start whose name already belongs to an execution.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ExecutionStatus};

/// Checks whether a start with a taken name returns the existing execution. It does if the input is the same: the
/// caller waits for a running execution, and receives the result of one that has ended.
///
/// The caller checks that the retention of the execution has not expired, which would free the name.
///
/// # Errors
/// `DurableExecutionAlreadyStartedException` if the input differs, and `ResourceConflictException` while the execution
/// is being deleted.
pub(crate) fn check_taken_name(
    execution: &DurableExecutionArn,
    status: &ExecutionStatus,
    has_same_input: bool,
) -> Result<(), ServiceError> {
    if !has_same_input {
        let (name, function) = (execution.execution_name(), execution.function_name());
        let message =
            format!("The name {name} is already used by an execution of {function} with a different input.");
        return Err(ServiceError::new(ServiceErrorKind::DurableExecutionAlreadyStarted, message));
    }
    if *status == ExecutionStatus::Deleting {
        let message = format!("The execution {execution} is being deleted.");
        return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(status: &ExecutionStatus, has_same_input: bool) -> Option<ServiceErrorKind> {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:order:1/durable-execution/first/0b1c";
        check_taken_name(&arn.parse().unwrap(), status, has_same_input).err().map(|error| error.kind)
    }

    #[test]
    fn the_same_input_returns_the_existing_execution() {
        for status in [ExecutionStatus::Running, ExecutionStatus::Paused, ExecutionStatus::Failed] {
            assert_eq!(rejection(&status, true), None, "{status}");
        }
    }

    #[test]
    fn a_different_input_is_rejected() {
        for status in [ExecutionStatus::Running, ExecutionStatus::Succeeded, ExecutionStatus::Deleting] {
            let expected = Some(ServiceErrorKind::DurableExecutionAlreadyStarted);
            assert_eq!(rejection(&status, false), expected, "{status}");
        }
    }

    #[test]
    fn an_execution_that_is_being_deleted_is_not_returned() {
        assert_eq!(rejection(&ExecutionStatus::Deleting, true), Some(ServiceErrorKind::ResourceConflict));
    }
}
