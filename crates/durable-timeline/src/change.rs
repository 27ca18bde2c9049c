//! What an event changed in a timeline.

use durable_types::SmallString;

/// What an event changed in a timeline, for displays that are updated while an execution runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The execution started.
    ExecutionStarted,
    /// The execution was paused.
    Paused,
    /// The execution was resumed.
    Resumed,
    /// The execution ended.
    ExecutionEnded,
    /// An invocation ended; the last one of [`Timeline::invocations`](crate::Timeline::invocations).
    InvocationEnded,
    /// The operation with this id started, and with it its first attempt if it has attempts.
    Started(SmallString),
    /// A further attempt of the operation with this id started.
    AttemptStarted(SmallString),
    /// An attempt of the operation with this id ended, and another one follows.
    AttemptEnded(SmallString),
    /// The operation with this id ended.
    Ended(SmallString),
}

impl Change {
    /// Returns the id of the operation that changed.
    pub fn operation_id(&self) -> Option<&SmallString> {
        match self {
            Self::Started(id) | Self::AttemptStarted(id) | Self::AttemptEnded(id) | Self::Ended(id) => {
                Some(id)
            }
            Self::ExecutionStarted
            | Self::Paused
            | Self::Resumed
            | Self::ExecutionEnded
            | Self::InvocationEnded => None,
        }
    }
}
