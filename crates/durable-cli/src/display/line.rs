//! One line about one operation.

use std::fmt;

/// A line: how deep it is nested, how things stand, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) depth: usize,
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// How things stand, as a sign at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It runs or waits.
    Begun,
    /// It holds the operations on the lines below.
    Opened,
    /// It ended well.
    Done,
    /// It did not.
    Failed,
    /// Something to know.
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
