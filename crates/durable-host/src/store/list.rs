//! Lists of executions, page by page.

use durable_types::{ExecutionStatus, Timestamp};

use super::position::{PagePosition, PositionRange};
use super::row::ExecutionRow;

/// The executions that a list shows. The default shows all, oldest first.
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
    /// Newest first.
    pub newest_first: bool,
    /// Only those after this position, where an earlier page ended.
    pub after: Option<PagePosition>,
}

impl ExecutionFilter {
    /// Returns whether an execution passes everything but the bounds.
    pub fn passes(&self, row: &ExecutionRow) -> bool {
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.function_name, &row.function_name)
            && is(&self.function_version, &row.function_version)
            && is(&self.execution_name, &row.execution_name)
            && (self.statuses.is_empty() || self.statuses.contains(&row.status))
    }

    /// Returns the range of positions given by the times and the end of the previous page.
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

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionPage {
    /// Its executions.
    pub executions: Vec<ExecutionRow>,
    /// The position after which the next page begins, if there are more.
    pub next: Option<PagePosition>,
}
