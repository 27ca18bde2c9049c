//! What operations fail with, rebuilt from what is recorded: the same live as on replay.

use std::error::Error as StdError;
use std::fmt;

use durable_types::{ErrorObject, OperationStatus};
use serde::de::DeserializeOwned;

use super::body::{chain, type_label};

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
        if self.error.error_type.as_deref() != Some(&*type_label::<E>()) {
            return None;
        }
        serde_json::from_str(self.error.error_data.as_deref()?).ok()
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

/// The data of the first operation's error among an error and its causes.
pub(super) fn recorded_data(error: &(dyn StdError + 'static)) -> Option<String> {
    chain(error).find_map(|error| {
        let step = error.downcast_ref::<StepError>().and_then(StepError::data);
        let context = || error.downcast_ref::<ChildContextError>().and_then(ChildContextError::data);
        step.or_else(context).map(str::to_owned)
    })
}
