//! The span of an execution.

use std::time::Duration;

use durable_types::{ErrorObject, ExecutionStatus, Timestamp};

/// The span of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecutionSpan {
    /// The status: running, paused, or how it ended.
    pub status: ExecutionStatus,
    /// The start time, if it is known.
    pub start: Option<Timestamp>,
    /// The end time, once it has ended.
    pub end: Option<Timestamp>,
    /// The error with which it ended, if it is known.
    pub error: Option<Box<ErrorObject>>,
    /// Its timeout, if it is known.
    pub timeout: Option<Duration>,
    /// Its pauses, in order. One without an end is still in effect.
    pub pauses: Vec<Pause>,
}

/// A time during which the execution was not invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// The start time.
    pub start: Timestamp,
    /// The end time, once the execution was resumed or has ended.
    pub end: Option<Timestamp>,
    /// The reason, if one was given and it is known.
    pub reason: Option<Box<str>>,
}

impl Default for ExecutionSpan {
    fn default() -> Self {
        Self {
            status: ExecutionStatus::Running,
            start: None,
            end: None,
            error: None,
            timeout: None,
            pauses: Vec::new(),
        }
    }
}

impl ExecutionSpan {
    /// Returns the pause in effect.
    pub fn pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.end.is_none())
    }

    /// Returns whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    pub(crate) fn handle_started(&mut self, at: Timestamp, timeout: Option<Duration>) {
        self.start.get_or_insert(at);
        self.timeout = self.timeout.or(timeout);
    }

    /// Pauses it. Returns whether that is a change.
    pub(crate) fn handle_paused(&mut self, at: Timestamp, reason: Option<Box<str>>) -> bool {
        if self.has_ended() || self.pause().is_some() {
            return false;
        }
        self.pauses.push(Pause { start: at, end: None, reason });
        self.status = ExecutionStatus::Paused;
        true
    }

    /// Resumes it. Returns whether that is a change.
    pub(crate) fn handle_resumed(&mut self, at: Timestamp) -> bool {
        let Some(pause) = self.pauses.last_mut().filter(|pause| pause.end.is_none()) else { return false };
        pause.end = Some(at.max(pause.start));
        self.status = ExecutionStatus::Running;
        true
    }

    /// Ends it. Returns whether that is a change.
    pub(crate) fn handle_ended(
        &mut self,
        at: Timestamp,
        status: ExecutionStatus,
        error: Option<ErrorObject>,
    ) -> bool {
        if self.has_ended() {
            return false;
        }
        self.handle_resumed(at);
        self.end = Some(self.start.map_or(at, |start| at.max(start)));
        self.status = status;
        self.error = error.map(Box::new);
        true
    }
}
