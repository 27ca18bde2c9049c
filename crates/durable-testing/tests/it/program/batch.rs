//! Maps and parallels of random handlers, and what can be told of them whoever ends first.

use serde::{Deserialize, Serialize};

use super::Part;

/// Many bodies side by side, each in a context of its own.
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
    /// So many bytes are added to its result.
    pub(crate) bytes: usize,
}

/// When a batch is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// At the first failure.
    Strict,
    /// When all have ended, whatever they come to.
    All,
    /// When more than so many failed.
    Tolerant(usize),
    /// When so many succeeded.
    Enough(usize),
}

/// What is told of a batch: only what does not depend on who ends first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account<I> {
    /// What became of each.
    Each(I),
    /// Why it was complete, and how many succeeded.
    Succeeded(usize),
    /// Why it was complete, and how many failed.
    Failed(usize),
}

impl Rule {
    /// What is to be told of a batch that came to this: `is_complete` says whether all have ended.
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

    /// How many succeed and fail before the batch is complete, and whether all do, of branches that would come to this.
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
    /// The account as what a handler returns.
    pub(crate) fn told(self, path: &str) -> Vec<String> {
        match self {
            Self::Each(each) => each,
            Self::Succeeded(count) => vec![format!("{path}: {count} succeeded")],
            Self::Failed(count) => vec![format!("{path}: {count} failed")],
        }
    }
}
