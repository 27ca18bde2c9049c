//! An attempt of a step or a poll of a condition.

use durable_types::{ErrorObject, Timestamp};

/// An attempt of a step, or a poll of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of the attempt, counting from 1.
    pub number: u32,
    /// The start time, if it is known.
    pub start: Option<Timestamp>,
    /// The end time, once it has ended and if it is known.
    pub end: Option<Timestamp>,
    /// How it ended; `None` while it runs.
    pub outcome: Option<AttemptOutcome>,
    /// The error with which it failed, if it is known.
    pub error: Option<Box<ErrorObject>>,
    /// The time at which the next attempt is due, if there is a next one.
    pub next_due: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// The condition was not met, and is polled again.
    Unmet,
    /// The next attempt started without a record of how this one ended.
    Interrupted,
}

impl Attempt {
    pub(crate) fn started(number: u32, start: Option<Timestamp>) -> Self {
        Self { number, start, end: None, outcome: None, error: None, next_due: None }
    }

    /// Returns whether it runs.
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    pub(crate) fn close(&mut self, outcome: AttemptOutcome, end: Option<Timestamp>) {
        self.outcome = Some(outcome);
        self.end = end;
    }
}
