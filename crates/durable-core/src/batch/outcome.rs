//! What became of one item.

use crate::error::Error;

/// What became of one item.
pub(super) enum Outcome<T> {
    /// It succeeded, with its value as it is recorded and as it reads back.
    Succeeded { text: String, value: T },
    /// It failed.
    Failed(Error),
}

impl<T> Outcome<T> {
    pub(super) fn succeeded(text: String, value: T) -> Self {
        Self::Succeeded { text, value }
    }

    /// The same without its text, which is not needed any more.
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
