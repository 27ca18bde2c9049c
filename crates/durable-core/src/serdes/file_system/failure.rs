//! What goes wrong with values in files.

use std::error::Error as StdError;
use std::fmt;

use crate::BoxError;

/// A value could not be put into its file, or not be read from it.
#[derive(Debug)]
pub(super) struct Failure {
    problem: String,
    source: Option<BoxError>,
}

impl Failure {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), source: None }
    }

    pub(super) fn because(problem: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self { problem: problem.into(), source: Some(source.into()) }
    }

    /// The same, with the operation whose value it is.
    pub(super) fn of_operation(self, operation_id: &str) -> Self {
        Self { problem: format!("operation {operation_id}: {}", self.problem), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}
