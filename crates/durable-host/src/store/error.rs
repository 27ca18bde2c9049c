//! Errors of stores.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A store failed to read or record data.
///
/// Its message and causes are those of the store's own error. It is `Clone` because all appends of a group commit share
/// its failure.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// The category of a store error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// An execution with the same id, the same ARN, or the same name within its function is already recorded.
    AlreadyRecorded,
    /// The execution is not recorded.
    UnknownExecution,
    /// A retry may succeed, because the cause is outside the record.
    Transient,
    /// The record is damaged.
    Damaged,
    /// A retry cannot succeed, although the record is intact.
    Permanent,
}

impl StoreError {
    /// Wraps an error of a store.
    pub fn new(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into().into() }
    }

    /// Returns the category of the error.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Returns the underlying error, if it is a `T`.
    pub fn downcast_ref<T: Error + 'static>(&self) -> Option<&T> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
