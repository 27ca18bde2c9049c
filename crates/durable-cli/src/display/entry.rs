//! One change of an execution, as it is displayed.

use durable_types::{SmallString, Timestamp};

use super::line::Line;

/// A change to display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The line about the change, unless only the activity changes.
    pub(crate) line: Option<Line>,
    pub(crate) activity: Activity,
}

/// The activity of an operation after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// The change does not affect which operations are active.
    None,
    /// The operation runs, or waits until this time.
    Running { id: SmallString, depth: usize, label: String, until: Option<Timestamp> },
    /// The operation has ended.
    Over { id: SmallString },
}

impl Entry {
    /// Creates a note about the execution.
    pub(super) fn note(text: String) -> Self {
        Self { line: Some(Line::note(text)), activity: Activity::None }
    }

    /// Returns its approximate size in bytes.
    pub(super) fn size(&self) -> usize {
        let line = self.line.as_ref().map_or(0, |line| line.text.len());
        let label = match &self.activity {
            Activity::Running { label, .. } => label.len(),
            Activity::None | Activity::Over { .. } => 0,
        };
        line.saturating_add(label)
    }
}
