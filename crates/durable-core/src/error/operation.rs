//! What operations fail with, rebuilt from what is recorded: the same live as on replay.

use std::error::Error as StdError;
use std::fmt;

use durable_types::{ErrorObject, OperationStatus};
use serde::de::DeserializeOwned;

use super::SagaError;
use super::body::{chain, type_label};
use super::origin::type_of_data;

/// How the error of an operation is made.
pub(crate) trait OperationError: Send {
    /// From what is recorded of an operation that did not succeed.
    fn recorded(name: Option<&str>, status: OperationStatus, error: ErrorObject) -> Self;

    /// From what is wrong with an operation that is not even started.
    fn invalid(name: Option<&str>, problem: String) -> Self
    where
        Self: Sized,
    {
        let error = ErrorObject::new("InvalidArgumentError", problem);
        Self::recorded(name, OperationStatus::Failed, error)
    }
}

/// Declares the error of one kind of operation.
macro_rules! operation_error {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Box<Recorded>);

        impl $name {
            /// The name of the operation.
            pub fn operation_name(&self) -> Option<&str> {
                self.0.name.as_deref()
            }

            /// How the operation ended: failed, cancelled, timed out or stopped.
            pub fn status(&self) -> &OperationStatus {
                &self.0.status
            }

            /// The name of the type of the error that it ended with.
            pub fn error_type(&self) -> Option<&str> {
                self.0.error.error_type.as_deref()
            }

            /// The message of that error, with its causes.
            pub fn message(&self) -> Option<&str> {
                self.0.error.error_message.as_deref()
            }

            /// The data of that error: JSON, if it was recorded whole.
            pub fn data(&self) -> Option<&str> {
                self.0.error.error_data.as_deref()
            }

            /// The stack of that error, if one was recorded.
            pub fn stack_trace(&self) -> &[String] {
                self.0.error.stack_trace.as_deref().unwrap_or_default()
            }

            /// The error itself, if it is of this type and was recorded whole; see [`Error::typed`](crate::Error::typed).
            ///
            /// An operation that failed with the error of one inside of it gives back what that one failed with.
            pub fn downcast<E: DeserializeOwned>(&self) -> Option<E> {
                self.0.downcast()
            }

            /// The error as the service recorded it.
            pub fn as_error_object(&self) -> &ErrorObject {
                &self.0.error
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt($kind, f)
            }
        }

        impl StdError for $name {}

        impl OperationError for $name {
            fn recorded(name: Option<&str>, status: OperationStatus, error: ErrorObject) -> Self {
                Self(Box::new(Recorded { name: name.map(str::to_owned), status, error }))
            }
        }
    };
}

operation_error! {
    /// A step failed for good: its retry strategy gave up, or the error cannot be tried again.
    StepError, "step"
}

operation_error! {
    /// A wait could not be started, or was cancelled.
    WaitError, "wait"
}

operation_error! {
    /// The body of a child context returned an error.
    ChildContextError, "child context"
}

operation_error! {
    /// A callback was answered with an error, or not in time, or its submitter failed.
    CallbackError, "callback"
}

operation_error! {
    /// A called function failed, took too long, was stopped, or could not be called.
    InvokeError, "call"
}

operation_error! {
    /// A condition was not met in as many checks as its strategy allows, or a check failed.
    ConditionError, "condition"
}

operation_error! {
    /// A map or a parallel could not be started, or its results could not be recorded. That items fail is not an error
    /// of the whole: see [`BatchResult`](crate::BatchResult).
    BatchError, "batch"
}

operation_error! {
    /// All attempts at a block of operations failed; this is the error of the last.
    RetryError, "block"
}

impl CallbackError {
    /// Whether nobody answered in time, or sent a heartbeat in time.
    pub fn is_timeout(&self) -> bool {
        self.error_type() == Some("Callback.Timeout") || self.is_heartbeat_timeout()
    }

    /// Whether nobody sent a heartbeat in time.
    pub fn is_heartbeat_timeout(&self) -> bool {
        self.error_type() == Some("Callback.Heartbeat")
    }

    /// Whether the submitter of [`wait_for_callback`](crate::DurableContext::wait_for_callback) failed, so that nobody
    /// was told of the callback.
    pub fn is_submitter_failure(&self) -> bool {
        self.error_type() == Some("SubmitterError")
    }

    /// What the other system said when it failed the callback.
    pub(crate) fn said(&self) -> Option<&str> {
        let ours = ["InvalidArgumentError", "SerdesError", "SubmitterError"];
        let is_ours = self.error_type().is_some_and(|error_type| ours.contains(&error_type));
        let is_answer = self.status() == &OperationStatus::Failed && !is_ours;
        self.message().filter(|_| is_answer)
    }
}

impl InvokeError {
    /// Whether the function took too long.
    pub fn is_timeout(&self) -> bool {
        self.status() == &OperationStatus::TimedOut
    }

    /// Whether the execution of the function was stopped.
    pub fn is_stopped(&self) -> bool {
        self.status() == &OperationStatus::Stopped
    }
}

impl ConditionError {
    /// Whether the condition was checked as often as its strategy allows.
    pub fn is_exhausted(&self) -> bool {
        self.error_type() == Some("ConditionNotMetError")
    }
}

/// The submitter of a callback failed.
#[derive(Debug)]
pub(crate) struct SubmitterError(StepError);

impl SubmitterError {
    pub(crate) fn new(error: StepError) -> Self {
        Self(error)
    }
}

impl fmt::Display for SubmitterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the submitter failed")
    }
}

impl StdError for SubmitterError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

impl StepError {
    /// Whether the last attempt was interrupted, so that it may have done its work or not. Only steps that run
    /// [at most once](crate::StepSemantics::AtMostOncePerRetry) fail in this way.
    pub fn is_interrupted(&self) -> bool {
        self.error_type() == Some("StepInterruptedError")
    }
}

/// How an operation ended that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    name: Option<String>,
    status: OperationStatus,
    error: ErrorObject,
}

impl Recorded {
    fn downcast<E: DeserializeOwned>(&self) -> Option<E> {
        downcast(&self.error)
    }

    fn fmt(&self, kind: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(kind)?;
        if let Some(name) = &self.name {
            write!(f, " `{name}`")?;
        }
        match &self.status {
            OperationStatus::Failed => write!(f, " failed: {}", self.error),
            status => write!(f, " ended as {status}: {}", self.error),
        }
    }
}

/// An error that was recorded whole, if it is of this type.
pub(super) fn downcast<E: DeserializeOwned>(error: &ErrorObject) -> Option<E> {
    if type_of_data(error) != Some(&*type_label::<E>()) {
        return None;
    }
    serde_json::from_str(error.error_data.as_deref()?).ok()
}

/// The data of the first operation's error among an error and its causes.
pub(super) fn recorded_data(error: &(dyn StdError + 'static)) -> Option<String> {
    chain(error).find_map(recorded).and_then(|error| error.error_data.clone())
}

/// What is recorded of the operation's error that an error is, if it is one.
pub(super) fn recorded<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e ErrorObject> {
    let step = || error.downcast_ref().map(StepError::as_error_object);
    let wait = || error.downcast_ref().map(WaitError::as_error_object);
    let context = || error.downcast_ref().map(ChildContextError::as_error_object);
    let callback = || error.downcast_ref().map(CallbackError::as_error_object);
    let invoke = || error.downcast_ref().map(InvokeError::as_error_object);
    let condition = || error.downcast_ref().map(ConditionError::as_error_object);
    let batch = || error.downcast_ref().map(BatchError::as_error_object);
    let retry = || error.downcast_ref().map(RetryError::as_error_object);
    let saga = || error.downcast_ref().map(SagaError::as_error_object);
    let waits = || wait().or_else(callback).or_else(invoke).or_else(condition);
    step().or_else(waits).or_else(context).or_else(batch).or_else(retry).or_else(saga)
}
