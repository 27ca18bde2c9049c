//! Timelines as text.

use std::fmt;
use std::time::Duration;

use durable_types::Timestamp;

use super::duration::duration;
use super::error::because;
use super::mark::Mark;
use super::operation::{indent, notes, title};
use crate::span::{InvocationSpan, OperationSpan};
use crate::timeline::Timeline;
use crate::waiting_for::WaitingFor;

/// The width of the columns with the times.
const TIME_COLUMNS: usize = 8;

/// The text contains no ids, and times only relative to the start of the execution.
///
/// Each operation is a line: when it started, how long it took unless it is open, and its title, indented below its
/// parent. Failed attempts and errors follow on lines of their own. Operations that the SDK records for itself are
/// omitted.
impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Text::new(self);
        text.head(f)?;
        for invocation in self.invocations().iter().filter(|invocation| invocation.is_failed) {
            text.failed_invocation(invocation, f)?;
        }
        for (depth, operation) in self.walk().filter(|(_, operation)| !operation.kind.is_internal()) {
            text.operation(depth, operation, f)?;
        }
        Ok(())
    }
}

/// A timeline whose times are relative to its start.
struct Text<'a> {
    timeline: &'a Timeline,
    start: Timestamp,
}

impl<'a> Text<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let first = || timeline.operations().find_map(|operation| operation.start);
        let start = timeline.execution().start.or_else(first).unwrap_or_default();
        Self { timeline, start }
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let execution = self.timeline.execution();
        write!(f, "{}", execution.status)?;
        if let Some(end) = execution.end {
            write!(f, " after {}", self.since_start(end))?;
        }
        let count = self.timeline.invocations().len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, ", {count} invocation{plural}")?;
        if let Some(pause) = execution.pause() {
            write!(f, ", paused at {}", self.since_start(pause.start))?;
            if let Some(reason) = pause.reason.as_deref().and_then(|reason| reason.lines().next()) {
                write!(f, ": {reason}")?;
            }
        }
        writeln!(f, "{}", because(execution.error.as_deref()))
    }

    fn failed_invocation(&self, invocation: &InvocationSpan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, took) = (self.since_start(invocation.start), between(invocation.start, invocation.end));
        let error = because(invocation.error.as_deref());
        let line = format!("{} invocation {} failed{error}", Mark::Note, invocation.number);
        writeln!(f, "{at:>TIME_COLUMNS$} {:>TIME_COLUMNS$}  {line}", duration(took))
    }

    fn operation(&self, depth: usize, operation: &OperationSpan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = operation.start.map(|start| self.since_start(start)).unwrap_or_default();
        let took = operation.start.zip(operation.end).map(|(start, end)| between(start, end));
        // Markers take no time.
        let took = took.filter(|_| !operation.kind.is_marker()).map(duration).unwrap_or_default();
        let indent = indent(depth);
        write!(f, "{at:>TIME_COLUMNS$} {took:>TIME_COLUMNS$}  {:indent$}{} ", "", Mark::of(operation))?;
        write!(f, "{}{}", title(operation), attempts(operation))?;
        writeln!(f, "{}", self.waiting(operation))?;
        let indent = indent.saturating_add(TIME_COLUMNS.saturating_mul(2)).saturating_add(5);
        notes(operation).iter().try_for_each(|note| writeln!(f, "{:indent$}{note}", ""))
    }

    /// Returns until when an open operation waits, as the end of its line.
    fn waiting(&self, operation: &OperationSpan) -> String {
        if self.timeline.is_abandoned(operation) {
            return ", abandoned".to_owned();
        }
        match operation.waiting_for() {
            Some(
                WaitingFor::Timer { until: Some(until) } | WaitingFor::Callback { deadline: Some(until), .. },
            ) => {
                format!(", until {}", self.since_start(until))
            }
            Some(WaitingFor::Retry { attempt, until: Some(until) }) => {
                format!(", attempt {attempt} at {}", self.since_start(until))
            }
            Some(
                WaitingFor::Timer { until: None }
                | WaitingFor::Callback { deadline: None, .. }
                | WaitingFor::Retry { until: None, .. }
                | WaitingFor::Invoke { .. }
                | WaitingFor::Children
                | WaitingFor::RunningCode,
            )
            | None => String::new(),
        }
    }

    fn since_start(&self, at: Timestamp) -> String {
        duration(between(self.start, at))
    }
}

/// Returns the number of attempts, if there was more than one.
fn attempts(operation: &OperationSpan) -> String {
    match operation.attempt_count() {
        0 | 1 => String::new(),
        count => format!(", {count} attempts"),
    }
}

/// Returns the time from one time to another, in whole milliseconds of both: the resolution of most histories.
fn between(start: Timestamp, end: Timestamp) -> Duration {
    let millis = |timestamp: Timestamp| Timestamp::from_millis(timestamp.as_millis());
    millis(end).saturating_since(millis(start))
}
