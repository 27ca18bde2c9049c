//! Errors of a set of functions.

use thiserror::Error;

/// A set of functions is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FunctionsError {
    /// A function runs as child processes, but there is no pool to run them.
    #[error("no launcher is configured to start processes of functions; set one")]
    NoLauncher,
    /// Two functions have the same name.
    #[error("there are two functions named `{0}`")]
    DuplicateName(String),
}
