//! Errors of operations, rebuilt from their records: the same live as on replay.

use std::fmt;

use durable_engine::OperationId;
use durable_types::{ErrorObject, OperationStatus};

use super::cause::Cause;
use super::names::{
    CALLBACK_HEARTBEAT, CALLBACK_TIMEOUT, CONDITION_NOT_MET, INVALID_ARGUMENT, INVOKE_TIMEOUT,
    NOT_COMPENSATED, SERDES, STEP_INTERRUPTED, STEP_TIMEOUT, SUBMITTER,
};
use super::{Error, OperationKind};

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
        let cause = Cause::read(&error);
        Error::from_operation(FailedOperation {
            kind: self.kind,
            name: self.name.map(str::to_owned),
            id: self.id,
            status,
            error,
            cause,
        })
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

/// An operation that did not succeed.
pub(super) struct FailedOperation {
    pub(super) kind: OperationKind,
    pub(super) name: Option<String>,
    pub(super) id: Option<OperationId>,
    pub(super) status: OperationStatus,
    pub(super) error: ErrorObject,
    /// The underlying failure and the failed compensations, if the record contains them in addition to its own type.
    cause: Option<(ErrorObject, Vec<Error>)>,
}

impl FailedOperation {
    /// Returns the underlying failure: the cause in the data of the record, or else the record itself.
    pub(super) fn failure(&self) -> &ErrorObject {
        self.cause.as_ref().map_or(&self.error, |(failure, _)| failure)
    }

    pub(super) fn failed_compensations(&self) -> &[Error] {
        self.cause.as_ref().map_or(&[], |(_, compensations)| compensations)
    }

    /// Returns the error to record for code that fails with this error: the type and data are kept, the message names
    /// the operations along the way.
    pub(super) fn to_error_object(&self) -> ErrorObject {
        let mut error = self.error.clone();
        // The message of an external system about a callback is passed on verbatim.
        error.error_message = Some(self.answer().map_or_else(|| self.to_string(), str::to_owned));
        error.error_type = Some(self.recorded_type().to_owned());
        error
    }

    /// Returns the type in the record, or that of the kind of operation if there is none.
    pub(super) fn recorded_type(&self) -> &str {
        self.error.error_type.as_deref().unwrap_or_else(|| self.kind.error_type())
    }

    pub(super) fn is_timeout(&self) -> bool {
        let timeouts = [STEP_TIMEOUT, CALLBACK_TIMEOUT, CALLBACK_HEARTBEAT, INVOKE_TIMEOUT];
        self.status == OperationStatus::TimedOut || self.is_own(&timeouts)
    }

    pub(super) fn is_heartbeat_timeout(&self) -> bool {
        self.is_own(&[CALLBACK_HEARTBEAT])
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.is_own(&[STEP_INTERRUPTED])
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.is_own(&[CONDITION_NOT_MET])
    }

    pub(super) fn is_submitter_failure(&self) -> bool {
        self.kind != OperationKind::Invoke && self.error.error_type.as_deref() == Some(SUBMITTER)
    }

    pub(super) fn is_compensated(&self) -> bool {
        self.error.error_type.as_deref() != Some(NOT_COMPENSATED)
    }

    /// Returns whether this execution recorded one of these types. Errors inside of invoked functions do not count.
    fn is_own(&self, error_types: &[&str]) -> bool {
        let error_type = self.failure().error_type.as_deref();
        self.kind != OperationKind::Invoke && error_type.is_some_and(|it| error_types.contains(&it))
    }

    /// Returns the message with which the external system failed the callback.
    fn answer(&self) -> Option<&str> {
        let is_callback = matches!(self.kind, OperationKind::Callback | OperationKind::WaitForCallback);
        let ours = [INVALID_ARGUMENT, SERDES, SUBMITTER];
        let is_ours = self.error.error_type.as_deref().is_some_and(|it| ours.contains(&it));
        let is_answer = is_callback && self.status == OperationStatus::Failed && !is_ours;
        self.error.error_message.as_deref().filter(|_| is_answer)
    }
}

impl fmt::Display for FailedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(name) = &self.name {
            write!(f, " `{name}`")?;
        }
        match &self.status {
            OperationStatus::Failed => f.write_str(" failed: ")?,
            status => write!(f, " ended as {status}: ")?,
        }
        match self.error.error_message.as_deref() {
            Some(message) if !message.is_empty() => f.write_str(message),
            Some(_) | None => f.write_str(self.recorded_type()),
        }
    }
}
