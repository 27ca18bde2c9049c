//! Reasons why an execution must fail, whatever the handler does.

use durable_types::ErrorObject;

/// The reason why an execution must fail, whatever the handler does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fatal {
    /// The code does not match the journal of the execution.
    #[error("{0}")]
    NonDeterministic(String),
    /// An operation was used where that is not allowed.
    #[error("{0}")]
    Misuse(String),
    /// The record of an operation cannot be deserialized as the code expects.
    #[error("{0}")]
    Unreadable(String),
    /// The service recorded something this version does not understand.
    #[error("{0}")]
    Unsupported(String),
    /// An invariant of the engine is broken.
    #[error("{0}; this is a bug in durable")]
    Bug(String),
}

impl Fatal {
    /// Returns the error as recorded for the execution.
    pub fn to_error_object(&self) -> ErrorObject {
        let error_type = match self {
            Self::NonDeterministic(_) => "NonDeterministicExecutionError",
            Self::Misuse(_) => "ContextMisuseError",
            Self::Unreadable(_) => "SerdesError",
            Self::Unsupported(_) => "UnsupportedOperationError",
            Self::Bug(_) => "InternalError",
        };
        ErrorObject::new(error_type, self.to_string())
    }
}
