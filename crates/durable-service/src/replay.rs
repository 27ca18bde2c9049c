//! Rebuilding an execution from its events.

use std::{fmt, iter};

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
    /// The number of events at the end of the record of an ended execution that include its end: after it, an invocation
    /// in flight may end, and a deletion may be requested.
    pub const EVENTS_SINCE_END: u64 = 8;

    /// Rebuilds an ended execution without its operations and invocations, from its first event and its
    /// [last ones](Self::EVENTS_SINCE_END), in order. Everything but these and what is derived from them, such as quota
    /// usage, is as [`replay`](Self::replay) would rebuild it.
    ///
    /// Returns `None` if the first event is not the start of an execution, or its end is not among the last ones.
    pub fn replay_ends(first: Event, last: impl IntoIterator<Item = Event>) -> Option<Self> {
        let is_kept = |event: &Event| matches!(event, Event::ExecutionEnded(_) | Event::DeletionRequested(_));
        let kept = last.into_iter().filter(is_kept);
        let execution = Self::replay(iter::once(first).chain(kept)).ok()?;
        execution.is_closed().then_some(execution)
    }

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
