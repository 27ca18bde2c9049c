//! Errors of setting up logging.

use crate::error::BoxError;

/// An error of setting up logging.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// An environment variable has an invalid value.
    #[error("the environment variable `{name}` is `{value}`, but must be {expected}")]
    #[non_exhaustive]
    Variable {
        /// The name of the variable.
        name: &'static str,
        /// The value of the variable.
        value: String,
        /// The values it can have.
        expected: &'static str,
    },
    /// The process already has a subscriber.
    #[error("the process already has a tracing subscriber, or a logger")]
    #[non_exhaustive]
    Installed {
        /// The error of `tracing`.
        source: BoxError,
    },
}

impl LoggingError {
    pub(super) fn variable(name: &'static str, value: String, expected: &'static str) -> Self {
        Self::Variable { name, value, expected }
    }

    pub(super) fn installed(error: impl Into<BoxError>) -> Self {
        Self::Installed { source: error.into() }
    }
}
