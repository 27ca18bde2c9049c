//! Lists of executions, page by page.

use durable_types::{ExecutionStatus, Timestamp};

use super::row::ExecutionRow;

/// The executions that a list shows. The default shows all, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Only those of this function.
    pub function_name: Option<String>,
    /// Only those of this version of their function.
    pub function_version: Option<String>,
    /// Only those with this name.
    pub execution_name: Option<String>,
    /// Only those with one of these statuses; any status if empty.
    pub statuses: Vec<ExecutionStatus>,
    /// Only those started after this time.
    pub started_after: Option<Timestamp>,
    /// Only those started before this time.
    pub started_before: Option<Timestamp>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// Only those after this position, where an earlier page ended.
    pub after: Option<PagePosition>,
}

/// The position at which a page ended. Its number is the store's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PagePosition(i64);

impl PagePosition {
    /// Returns the position as a number, for a marker.
    pub fn into_number(self) -> i64 {
        self.0
    }

    /// Returns the position that a marker's number stands for.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionPage {
    /// Its executions.
    pub executions: Vec<ExecutionRow>,
    /// The position after which the next page begins, if there are more.
    pub next: Option<PagePosition>,
}
