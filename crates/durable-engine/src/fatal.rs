//! Why an execution must end as failed, whatever the handler makes of it.

use durable_types::ErrorObject;

/// Why the execution must end as failed, whatever the handler makes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fatal {
    /// The code and what is recorded of the execution do not fit.
    #[error("{0}")]
    NonDeterministic(String),
    /// An operation was used where it must not be.
    #[error("{0}")]
    Misuse(String),
    /// What is recorded of an operation cannot be read as what the code expects.
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
    /// The error as the execution records it.
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
