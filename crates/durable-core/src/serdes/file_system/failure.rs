//! Failures of values in files.

use std::io::{self, ErrorKind};

use crate::error::BoxError;
use crate::serdes::unavailable::SerdesUnavailable;

/// A value could not be written to its file or read from it.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
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

    /// Adds the operation that owns the value.
    pub(super) fn of_operation(self, operation_id: &str) -> BoxError {
        let failure = Self { problem: format!("operation {operation_id}: {}", self.problem), ..self };
        if failure.may_pass() { SerdesUnavailable::new(failure).into() } else { failure.into() }
    }

    /// Returns whether the failure is transient: the disk failed, rather than the request being invalid.
    fn may_pass(&self) -> bool {
        let error = self.source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
        error.is_some_and(|error| {
            !matches!(
                error.kind(),
                ErrorKind::NotFound
                    | ErrorKind::PermissionDenied
                    | ErrorKind::AlreadyExists
                    | ErrorKind::NotADirectory
                    | ErrorKind::IsADirectory
                    | ErrorKind::ReadOnlyFilesystem
                    | ErrorKind::InvalidFilename
                    | ErrorKind::InvalidInput
                    | ErrorKind::InvalidData
                    | ErrorKind::FileTooLarge
                    | ErrorKind::Unsupported
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fails_may_work_again_and_a_file_that_is_missing_stays_so() {
        let passing = [ErrorKind::TimedOut, ErrorKind::StaleNetworkFileHandle, ErrorKind::StorageFull];
        let lasting = [ErrorKind::NotFound, ErrorKind::PermissionDenied, ErrorKind::InvalidData];

        let is_unavailable = |kind: &ErrorKind| {
            let error = Failure::because("it failed", io::Error::from(*kind)).of_operation("id");
            error.is::<SerdesUnavailable>()
        };

        assert!(passing.iter().all(is_unavailable));
        assert!(!lasting.iter().any(is_unavailable));
        assert!(!Failure::new("it is refused").of_operation("id").is::<SerdesUnavailable>());
    }
}
