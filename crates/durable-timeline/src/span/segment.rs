//! The segments of an operation's span: when it ran and when it waited.

use durable_types::Timestamp;

use super::attempt::{Attempt, AttemptOutcome};
use super::detail::Detail;
use super::operation::OperationSpan;

/// What an operation did during a segment of its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Activity {
    /// Its code, or the function that it invoked, ran.
    Running,
    /// Its code, or the function that it invoked, ran and failed.
    Failed,
    /// It waited for a timer, a callback or its next attempt.
    Waiting,
    /// Operations inside it ran and waited.
    Children,
}

/// A segment of the span of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment {
    /// What the operation did.
    pub activity: Activity,
    /// The start time.
    pub start: Timestamp,
    /// The end time; `None` if it is still going on.
    pub end: Option<Timestamp>,
    /// The time at which waiting ends by itself, or times out.
    pub due: Option<Timestamp>,
}

impl OperationSpan {
    /// Returns the segments of the span, in order: attempts and the gaps between them, or when it waited.
    pub fn segments(&self) -> Vec<Segment> {
        if self.attempts.iter().any(|attempt| attempt.start.or(attempt.end).is_some()) {
            return of_attempts(self);
        }
        let (activity, due) = match &self.detail {
            Detail::Wait { until } => (Activity::Waiting, *until),
            Detail::Callback { deadline, .. } => (Activity::Waiting, *deadline),
            Detail::Invoke { .. } | Detail::Marker { .. } | Detail::None if self.is_context() => {
                (Activity::Children, None)
            }
            Detail::Invoke { .. } | Detail::Marker { .. } | Detail::None if self.is_failed() => {
                (Activity::Failed, None)
            }
            Detail::Invoke { .. } | Detail::Marker { .. } | Detail::None => (Activity::Running, None),
        };
        let start = self.start.or(self.end);
        start.map(|start| Segment { activity, start, end: self.end, due }).into_iter().collect()
    }
}

/// Returns the attempts of an operation and the gaps between them.
fn of_attempts(operation: &OperationSpan) -> Vec<Segment> {
    let next = operation.attempts.iter().skip(1).map(Some).chain([None]);
    let pairs = operation.attempts.iter().zip(next);
    pairs.flat_map(|(attempt, next)| [ran(attempt), waited(attempt, next, operation.end)]).flatten().collect()
}

fn ran(attempt: &Attempt) -> Option<Segment> {
    let activity = match attempt.outcome {
        Some(AttemptOutcome::Failed | AttemptOutcome::Interrupted) => Activity::Failed,
        Some(AttemptOutcome::Succeeded | AttemptOutcome::Unmet) | None => Activity::Running,
    };
    let start = attempt.start.or(attempt.end)?;
    Some(Segment { activity, start, end: attempt.end, due: None })
}

fn waited(attempt: &Attempt, next: Option<&Attempt>, end: Option<Timestamp>) -> Option<Segment> {
    let (start, due) = (attempt.end?, attempt.next_due?);
    let end = match next {
        Some(next) => next.start.or(next.end),
        None => end,
    };
    Some(Segment { activity: Activity::Waiting, start, end, due: Some(due) })
}
