//! Maps and parallels of random handlers, and the part of their outcome that does not depend on timing.

use serde::{Deserialize, Serialize};

use super::Part;

/// Concurrent bodies, each in a child context of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) branches: Vec<Branch>,
    pub(crate) is_parallel: bool,
    pub(crate) is_flat: bool,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) rule: Rule,
}

/// One of the bodies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Branch {
    pub(crate) parts: Vec<Part>,
    pub(crate) fails: bool,
    /// The number of bytes added to its result.
    pub(crate) bytes: usize,
}

/// The completion rule of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// At the first failure.
    Strict,
    /// When all have ended, with any outcome.
    All,
    /// When more than this many have failed.
    Tolerant(usize),
    /// When this many have succeeded.
    Enough(usize),
}

/// The part of a batch's outcome that does not depend on the order in which branches end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account<I> {
    /// The outcome of each branch.
    Each(I),
    /// Enough branches succeeded: their number.
    Succeeded(usize),
    /// Too many branches failed: their number.
    Failed(usize),
}

impl Rule {
    /// Returns the deterministic part of an outcome. `is_complete` says whether all branches have ended.
    pub(crate) fn account<I>(
        self,
        succeeded: usize,
        failed: usize,
        is_complete: bool,
        each: I,
    ) -> Account<I> {
        match self {
            Self::Enough(enough) if succeeded >= enough => Account::Succeeded(succeeded),
            _ if is_complete => Account::Each(each),
            Self::Strict | Self::All | Self::Tolerant(_) | Self::Enough(_) => Account::Failed(failed),
        }
    }

    /// Returns the numbers of branches that succeed and fail before the batch is complete, and whether all of them end.
    pub(crate) fn outcome(self, succeeding: usize, failing: usize) -> (usize, usize, bool) {
        let tolerated = match self {
            Self::Strict => 0,
            Self::Tolerant(count) => count,
            Self::All | Self::Enough(_) => usize::MAX,
        };
        match self {
            Self::Enough(enough) if succeeding >= enough => (enough, 0, false),
            _ if failing > tolerated => (0, tolerated + 1, false),
            _ => (succeeding, failing, true),
        }
    }
}

impl Account<Vec<String>> {
    /// Formats the account as a handler returns it.
    pub(crate) fn lines(self, path: &str) -> Vec<String> {
        match self {
            Self::Each(each) => each,
            Self::Succeeded(count) => vec![format!("{path}: {count} succeeded")],
            Self::Failed(count) => vec![format!("{path}: {count} failed")],
        }
    }
}
