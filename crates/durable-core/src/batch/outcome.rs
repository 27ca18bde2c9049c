//! What became of one item.

use durable_types::{ErrorObject, OperationStatus};

use crate::ChildContextError;
use crate::error::OperationError;
use crate::operation::OperationName;

/// What became of one item.
pub(super) enum Outcome<T> {
    /// It succeeded, with its value as it is recorded and as it reads back.
    Succeeded { text: String, value: T },
    /// It failed.
    Failed(ChildContextError),
}

impl<T> Outcome<T> {
    pub(super) fn succeeded(text: String, value: T) -> Self {
        Self::Succeeded { text, value }
    }

    pub(super) fn failed(name: &OperationName<'_>, status: OperationStatus, error: ErrorObject) -> Self {
        Self::Failed(ChildContextError::recorded(name.as_deref(), status, error))
    }

    pub(super) fn is_succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}
