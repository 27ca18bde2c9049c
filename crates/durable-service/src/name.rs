//! Starts by a name that belongs to an execution already.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ExecutionStatus};

/// Whether a start by the name of an execution is answered with that execution, which is what happens as long as it has
/// the same input: it is waited for if it still runs, and its result is given again if it has ended.
///
/// Whether the execution still has its name is known by its retention, and not asked here.
///
/// # Errors
/// `DurableExecutionAlreadyStartedException` if the start has another input, and `ResourceConflictException` while the
/// execution is being deleted.
pub(crate) fn check_taken_name(
    execution: &DurableExecutionArn,
    status: &ExecutionStatus,
    has_same_input: bool,
) -> Result<(), ServiceError> {
    if !has_same_input {
        let (name, function) = (execution.execution_name(), execution.function_name());
        let message = format!("The name {name} belongs to an execution of {function} with another input.");
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

    fn refusal(status: &ExecutionStatus, has_same_input: bool) -> Option<ServiceErrorKind> {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:order:1/durable-execution/first/0b1c";
        check_taken_name(&arn.parse().unwrap(), status, has_same_input).err().map(|error| error.kind)
    }

    #[test]
    fn the_same_input_gives_the_execution_whether_it_runs_or_has_ended() {
        for status in [ExecutionStatus::Running, ExecutionStatus::Paused, ExecutionStatus::Failed] {
            assert_eq!(refusal(&status, true), None, "{status}");
        }
    }

    #[test]
    fn another_input_is_refused_whether_the_execution_runs_or_has_ended() {
        for status in [ExecutionStatus::Running, ExecutionStatus::Succeeded, ExecutionStatus::Deleting] {
            let expected = Some(ServiceErrorKind::DurableExecutionAlreadyStarted);
            assert_eq!(refusal(&status, false), expected, "{status}");
        }
    }

    #[test]
    fn an_execution_that_is_being_deleted_is_given_to_nobody() {
        assert_eq!(refusal(&ExecutionStatus::Deleting, true), Some(ServiceErrorKind::ResourceConflict));
    }
}
