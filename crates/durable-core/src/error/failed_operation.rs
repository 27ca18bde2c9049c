//! An operation that did not succeed, as recorded.

use std::fmt;

use durable_engine::OperationId;
use durable_types::{ErrorObject, OperationStatus};

use super::kind::OperationKind;
use super::names::{
    CALLBACK_HEARTBEAT, CALLBACK_TIMEOUT, CONDITION_NOT_MET, INVALID_ARGUMENT, INVOKE_TIMEOUT,
    NOT_COMPENSATED, SERDES, STEP_INTERRUPTED, STEP_TIMEOUT, SUBMITTER,
};

/// An operation that did not succeed.
pub(super) struct FailedOperation {
    pub(super) kind: OperationKind,
    pub(super) name: Option<String>,
    pub(super) id: Option<OperationId>,
    pub(super) status: OperationStatus,
    pub(super) error: ErrorObject,
    /// The underlying failure, if the record contains it in addition to its own type.
    pub(super) cause: Option<ErrorObject>,
}

impl FailedOperation {
    /// Returns the underlying failure: the cause in the data of the record, or else the record itself.
    pub(super) fn failure(&self) -> &ErrorObject {
        self.cause.as_ref().unwrap_or(&self.error)
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
        !self.kind.is_other_execution() && self.error.error_type.as_deref() == Some(SUBMITTER)
    }

    pub(super) fn is_compensated(&self) -> bool {
        self.error.error_type.as_deref() != Some(NOT_COMPENSATED)
    }

    /// Returns whether this execution recorded one of these types. Errors inside of other executions do not count.
    fn is_own(&self, error_types: &[&str]) -> bool {
        let error_type = self.failure().error_type.as_deref();
        !self.kind.is_other_execution() && error_type.is_some_and(|it| error_types.contains(&it))
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
