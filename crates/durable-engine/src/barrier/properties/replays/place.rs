//! Where a part of a program stands.

/// The position of a part of a program: its path, and the context in which it claims operations.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) context: usize,
}

impl Place {
    pub(super) fn child(&self, child: impl std::fmt::Display) -> Self {
        Self { path: format!("{}.{child}", self.path), context: self.context }
    }
}
