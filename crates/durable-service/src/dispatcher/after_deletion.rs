//! What follows the deletion of an execution.

use durable_types::api::ServiceError;

use super::names::ExecutionName;
use super::output::Answer;

/// What is done once an execution has been deleted, or could not be.
#[derive(Debug)]
pub(super) enum AfterDeletion<T> {
    /// Answer a request.
    Answer(T, Result<Answer, ServiceError>),
    /// Answer a request, unless the deletion failed: nobody else will delete it.
    AnswerIfDeleted(T, Answer),
    /// Load it: a caller wants to know its end.
    Load,
    /// Look up a name again.
    LookUp(ExecutionName),
}
