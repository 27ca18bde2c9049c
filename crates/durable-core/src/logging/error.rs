//! Why logging could not be set up.

use crate::error::BoxError;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// An environment variable has a value that means nothing.
    #[error("the environment variable `{name}` is `{value}`, but must be {expected}")]
    #[non_exhaustive]
    Variable {
        /// The name of the variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it can be.
        expected: &'static str,
    },
    /// The process has a subscriber already.
    #[error("the process already has a tracing subscriber, or a logger")]
    #[non_exhaustive]
    Installed {
        /// What `tracing` says.
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
