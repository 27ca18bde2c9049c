//! Errors of stores.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A store did not read or record what it was asked to.
///
/// Its text and its causes are those of the store's own error. It is `Clone`, because appends that share a transaction
/// share its failure.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What an error of a store means to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// An execution with the same id, ARN, or name of the same function is already recorded.
    AlreadyRecorded,
    /// The execution is not recorded.
    UnknownExecution,
    /// A retry may succeed: the cause is outside of the record.
    Transient,
    /// The record is damaged.
    Damaged,
    /// A retry cannot succeed, although the record is intact.
    Permanent,
}

impl StoreError {
    /// Wraps the error of a store.
    pub fn new(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into().into() }
    }

    /// Returns what the error means.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Returns the error of the store, if it is a `T`.
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
