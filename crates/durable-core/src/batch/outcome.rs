//! The outcome of an item.

use durable_engine::OperationId;

use crate::error::{Error, OperationKind, Subject};
use crate::name::OperationName;

/// The outcome of an item.
pub(super) enum Outcome<T> {
    /// It succeeded, with this recorded text and the value deserialized from it.
    Succeeded { text: String, value: T },
    /// It failed.
    Failed(Error),
}

impl<T> Outcome<T> {
    pub(super) fn succeeded(text: String, value: T) -> Self {
        Self::Succeeded { text, value }
    }

    /// Drops the text, which is no longer needed.
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

/// Returns the subject of an item's errors.
pub(super) fn item_subject<'n>(id: OperationId, name: &'n OperationName<'_>) -> Subject<'n> {
    Subject::new(OperationKind::ChildContext, name.as_deref()).with_id(id)
}
