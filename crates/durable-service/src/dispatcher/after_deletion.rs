//! Actions that are deferred until an execution has been deleted.

use durable_types::api::ServiceError;

use super::names::ExecutionName;
use super::output::Answer;

/// An action that runs once an execution has been deleted, or its deletion has failed.
#[derive(Debug)]
pub(super) enum AfterDeletion<T> {
    /// Answer a request.
    Answer(T, Result<Answer, ServiceError>),
    /// Answer a request, or report the failure: the deletion is not retried.
    AnswerIfDeleted(T, Answer),
    /// Load it: a caller waits for its end.
    Load,
    /// Look up a name again.
    LookUp(ExecutionName),
}
