//! The state of an operation as a symbol.

use std::fmt;

use crate::span::OperationSpan;
use crate::waiting_for::WaitingFor;

/// The state of an operation, as a symbol at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// It waits.
    Waiting,
    /// Its code, or that of operations inside it, runs.
    Running,
    /// It succeeded.
    Done,
    /// It failed.
    Failed,
    /// A fact that the code recorded, such as the decision of a race.
    Marker,
    /// A note.
    Note,
}

impl Mark {
    /// Returns the mark of an operation.
    pub fn of(operation: &OperationSpan) -> Self {
        if operation.is_failed() {
            return Self::Failed;
        }
        match operation.waiting_for() {
            _ if operation.kind.is_marker() => Self::Marker,
            None => Self::Done,
            Some(WaitingFor::Children | WaitingFor::RunningCode | WaitingFor::Invoke { .. }) => Self::Running,
            Some(WaitingFor::Timer { .. } | WaitingFor::Retry { .. } | WaitingFor::Callback { .. }) => {
                Self::Waiting
            }
        }
    }

    /// Returns the symbol.
    pub fn symbol(self) -> char {
        match self {
            Self::Waiting => '…',
            Self::Running => '▸',
            Self::Done => '✓',
            Self::Failed => '✗',
            Self::Marker => '◆',
            Self::Note => '!',
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.symbol())
    }
}
