//! Paginated lists of executions.

use durable_types::{ExecutionStatus, Timestamp};

use super::position::{PagePosition, PositionRange};
use super::row::ExecutionRow;

/// A filter of executions. The default matches all of them, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// The function.
    pub function_name: Option<String>,
    /// The version of the function.
    pub function_version: Option<String>,
    /// The name of the execution.
    pub execution_name: Option<String>,
    /// The accepted statuses, or empty for any status.
    pub statuses: Vec<ExecutionStatus>,
    /// An exclusive lower bound on the start time.
    pub started_after: Option<Timestamp>,
    /// An exclusive upper bound on the start time.
    pub started_before: Option<Timestamp>,
    /// Whether the newest executions come first.
    pub newest_first: bool,
    /// The position at which the previous page ended.
    pub after: Option<PagePosition>,
}

impl ExecutionFilter {
    /// Returns whether an execution matches all conditions except those on its position.
    pub fn passes(&self, row: &ExecutionRow) -> bool {
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.function_name, &row.function_name)
            && is(&self.function_version, &row.function_version)
            && is(&self.execution_name, &row.execution_name)
            && (self.statuses.is_empty() || self.statuses.contains(&row.status))
    }

    /// Returns the range of positions that follows from the bounds on the start time and from the previous page.
    pub fn bounds(&self) -> PositionRange {
        let mut bounds = PositionRange::default();
        if let Some(time) = self.started_after {
            bounds.start_after(PagePosition::last_at(time));
        }
        if let Some(time) = self.started_before {
            bounds.end_before(PagePosition::first_at(time));
        }
        match self.after {
            Some(position) if self.newest_first => bounds.end_before(position),
            Some(position) => bounds.start_after(position),
            None => {}
        }
        bounds
    }
}

/// A page of a list of executions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionPage {
    /// The executions of the page.
    pub executions: Vec<ExecutionRow>,
    /// The position after which the next page begins, if there are more.
    pub next: Option<PagePosition>,
}
