//! Rebuilding an execution from its events.

use std::fmt;

use crate::event::Event;
use crate::execution::Execution;

/// The error of events that do not form an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// There are no events.
    NoEvents,
    /// The first event is not the start of the execution.
    NotStarted,
    /// A later event starts an execution again.
    StartedAgain {
        /// The number of events before it.
        position: usize,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvents => f.write_str("the execution has no events; was its start stored?"),
            Self::NotStarted => f.write_str("the first event is not the start of an execution"),
            Self::StartedAgain { position } => {
                write!(f, "event {position} starts an execution again; were two executions stored as one?")
            }
        }
    }
}

impl std::error::Error for ReplayError {}

impl Execution {
    /// Rebuilds an execution from its events, in order.
    ///
    /// An invocation that was in flight still is. If it did not survive, send
    /// [`InvocationEnd::Lost`](crate::InvocationEnd::Lost).
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Result<Self, ReplayError> {
        let mut events = events.into_iter().enumerate();
        let mut execution = match events.next() {
            Some((_, Event::ExecutionStarted(started))) => Self::new(started),
            Some(_) => return Err(ReplayError::NotStarted),
            None => return Err(ReplayError::NoEvents),
        };
        for (position, event) in events {
            if matches!(event, Event::ExecutionStarted(_)) {
                return Err(ReplayError::StartedAgain { position });
            }
            execution.apply(event);
        }
        Ok(execution)
    }
}
