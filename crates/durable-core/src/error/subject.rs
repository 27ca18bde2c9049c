//! Errors of operations, rebuilt from their records: the same live as on replay.

use durable_engine::OperationId;
use durable_types::{ErrorObject, OperationStatus};

use super::cause::Cause;
use super::error::Error;
use super::failed_operation::FailedOperation;
use super::kind::OperationKind;
use super::names::INVALID_ARGUMENT;

/// The operation to which an error belongs.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'n> {
    kind: OperationKind,
    name: Option<&'n str>,
    id: Option<OperationId>,
}

impl<'n> Subject<'n> {
    /// Creates a subject without an id, for an operation that was not started or whose record does not contain one.
    pub(crate) fn new(kind: OperationKind, name: Option<&'n str>) -> Self {
        Self { kind, name, id: None }
    }

    pub(crate) fn with_id(self, id: OperationId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Returns the error of an operation that did not succeed, given its record.
    pub(crate) fn ended(self, status: OperationStatus, error: ErrorObject) -> Error {
        let (cause, failed) = Cause::read(&error).map(Cause::into_parts).unzip();
        let compensation = |(name, error): (Option<String>, ErrorObject)| {
            Subject::new(OperationKind::Step, name.as_deref()).failed(error)
        };
        let compensations = failed.into_iter().flatten().map(compensation).collect();
        let (kind, name, id) = (self.kind, self.name.map(str::to_owned), self.id);
        Error::from_operation(FailedOperation { kind, name, id, status, error, cause }, compensations)
    }

    /// Returns the error of an operation that failed.
    pub(crate) fn failed(self, error: ErrorObject) -> Error {
        self.ended(OperationStatus::Failed, error)
    }

    /// Returns the error of an operation that is not started because its arguments are invalid.
    pub(crate) fn invalid(self, problem: String) -> Error {
        self.failed(ErrorObject::new(INVALID_ARGUMENT, problem))
    }
}
