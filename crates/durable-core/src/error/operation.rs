//! Failures of operations, rebuilt from what is recorded: the same live as on replay.

use std::fmt;

use durable_engine::OperationId;
use durable_types::{ErrorObject, OperationStatus};

use super::cause::Cause;
use super::names::{
    CALLBACK_HEARTBEAT, CALLBACK_TIMEOUT, CONDITION_NOT_MET, INVALID_ARGUMENT, INVOKE_TIMEOUT,
    NOT_COMPENSATED, SERDES, STEP_INTERRUPTED, STEP_TIMEOUT, SUBMITTER,
};
use super::{Error, OperationKind};

/// The operation that an error is of.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'n> {
    kind: OperationKind,
    name: Option<&'n str>,
    id: Option<OperationId>,
}

impl<'n> Subject<'n> {
    /// An operation that has no id, because it was not started or its record does not say.
    pub(crate) fn new(kind: OperationKind, name: Option<&'n str>) -> Self {
        Self { kind, name, id: None }
    }

    pub(crate) fn with_id(self, id: OperationId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The error of an operation that did not succeed, as it is recorded.
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

    /// The error of an operation that failed.
    pub(crate) fn failed(self, error: ErrorObject) -> Error {
        self.ended(OperationStatus::Failed, error)
    }

    /// The error of an operation that is not even started, because of what the code asks for.
    pub(crate) fn invalid(self, problem: String) -> Error {
        self.failed(ErrorObject::new(INVALID_ARGUMENT, problem))
    }
}

/// How an operation ended that did not succeed.
pub(super) struct FailedOperation {
    pub(super) kind: OperationKind,
    pub(super) name: Option<String>,
    pub(super) id: Option<OperationId>,
    pub(super) status: OperationStatus,
    pub(super) error: ErrorObject,
    /// What failed and which compensations did, if the record says that beside its own type.
    cause: Option<(ErrorObject, Vec<Error>)>,
}

impl FailedOperation {
    /// What the code failed with: the record, or the cause in its data.
    pub(super) fn failure(&self) -> &ErrorObject {
        self.cause.as_ref().map_or(&self.error, |(failure, _)| failure)
    }

    pub(super) fn failed_compensations(&self) -> &[Error] {
        self.cause.as_ref().map_or(&[], |(_, compensations)| compensations)
    }

    /// What is recorded of code that fails with this error. Its type and data are passed on, its message names the path.
    pub(super) fn to_error_object(&self) -> ErrorObject {
        ErrorObject {
            // What another system said of a callback is passed on in its own words.
            error_message: Some(self.answer().map_or_else(|| self.to_string(), str::to_owned)),
            error_type: Some(self.recorded_type().to_owned()),
            ..self.error.clone()
        }
    }

    /// The type that the record has, or the kind stands in for.
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

    /// Whether this execution recorded one of these types. What a called function failed with is its own matter.
    fn is_own(&self, error_types: &[&str]) -> bool {
        let error_type = self.failure().error_type.as_deref();
        self.kind != OperationKind::Invoke && error_type.is_some_and(|it| error_types.contains(&it))
    }

    /// What the other system said when it failed the callback.
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
