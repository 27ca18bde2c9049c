//! One line about one operation.

use std::fmt;

use durable_timeline::text::{Mark, indent};

/// A line: the nesting depth of its operation, the mark of its state, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) depth: usize,
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

impl Line {
    /// Creates a note about the execution.
    pub(super) fn note(text: String) -> Self {
        Self { depth: 0, mark: Mark::Note, text }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = indent(self.depth);
        write!(f, "{:indent$}{} {}", "", self.mark, self.text)
    }
}
