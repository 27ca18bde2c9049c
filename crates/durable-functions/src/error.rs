//! Errors of the functions of a service.

use thiserror::Error;

/// The functions of a service cannot run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FunctionsError {
    /// There are functions with processes, but no pool for them.
    #[error("there is no program to start functions with; set a launcher")]
    NoLauncher,
    /// Two functions have the same name.
    #[error("there are two functions named `{0}`")]
    DuplicateName(String),
}
