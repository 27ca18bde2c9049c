//! The status of a batch or an item: succeeded or failed.

use std::fmt;

/// The status with which a batch or one of its items ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchStatus {
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
}

impl BatchStatus {
    pub(super) fn of(is_succeeded: bool) -> Self {
        if is_succeeded { Self::Succeeded } else { Self::Failed }
    }
}

impl fmt::Display for BatchStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        })
    }
}
