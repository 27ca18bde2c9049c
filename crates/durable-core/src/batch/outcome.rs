//! The outcome of an item.

use crate::error::Error;

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
