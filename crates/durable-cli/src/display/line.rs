//! One line about one operation.

use std::fmt;

/// A line: its nesting depth, the mark of its state, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) depth: usize,
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// The state of an operation, as a symbol at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The operation runs or waits.
    Begun,
    /// The operation contains those on the lines below.
    Opened,
    /// The operation succeeded.
    Done,
    /// The operation failed.
    Failed,
    /// A note.
    Note,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.mark {
            Mark::Begun => '…',
            Mark::Opened => '▸',
            Mark::Done => '✓',
            Mark::Failed => '✗',
            Mark::Note => '!',
        };
        let indent = self.depth.saturating_mul(2);
        write!(f, "{:indent$}{sign} {}", "", self.text)
    }
}
