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

    /// What became of an item that is recorded to have succeeded.
    pub(super) fn read(name: &OperationName<'_>, text: String, read: Result<T, ErrorObject>) -> Self {
        match read {
            Ok(value) => Self::succeeded(text, value),
            Err(error) => Self::failed(name, OperationStatus::Failed, error),
        }
    }

    /// The same without its text, which nobody will ask for.
    pub(super) fn forget_text(self) -> Self {
        match self {
            Self::Succeeded { value, .. } => Self::Succeeded { text: String::new(), value },
            Self::Failed(error) => Self::Failed(error),
        }
    }

    pub(super) fn is_succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}
