//! Operations as text.

use std::fmt::Write;
use std::time::Duration;

use super::duration::duration;
use super::error::{because, ending, first_line};
use crate::kind::Kind;
use crate::span::{Attempt, AttemptOutcome, Detail, OperationSpan};

/// The maximum depth to which operations are indented. The SDK nests them up to 64 deep.
const MAX_DEPTH: usize = 64;

/// Returns the number of columns by which the line of an operation at this depth is indented.
pub fn indent(depth: usize) -> usize {
    depth.min(MAX_DEPTH).saturating_mul(2)
}

/// Returns the label of an operation with what it decided, the function that it invoked, and the progress of its items.
pub fn title(operation: &OperationSpan) -> String {
    let mut title = operation.label().to_string();
    // Writing to a string does not fail.
    let _ = match &operation.detail {
        Detail::Marker { value: Some(value) } if operation.kind == Kind::Race => {
            write!(title, ": branch {value} was first")
        }
        Detail::Marker { value: Some(value) } if operation.kind == Kind::TryJoin => {
            write!(title, ": branch {value} was the first to fail")
        }
        Detail::Invoke { function: Some(function), .. } => write!(title, " of {function}"),
        Detail::Invoke { function: None, .. }
        | Detail::Marker { .. }
        | Detail::None
        | Detail::Wait { .. }
        | Detail::Callback { .. } => Ok(()),
    };
    if let Some(progress) = progress(operation) {
        let _ = write!(title, ", {progress}");
    }
    title
}

/// Returns the progress of a batch, such as `412 done (2 failed), 88 running` or `500 items`, unless it has started no
/// items. The total is not recorded while the batch runs.
pub fn progress(operation: &OperationSpan) -> Option<String> {
    let progress = operation.progress;
    if progress.started == 0 || !operation.kind.is_batch() {
        return None;
    }
    let (started, done) = (progress.started, progress.done());
    let items = match (operation.kind, started) {
        (Kind::Parallel, 1) => "branch",
        (Kind::Parallel, _) => "branches",
        (_, 1) => "item",
        (_, _) => "items",
    };
    let failed = match progress.failed {
        0 => String::new(),
        failed => format!(" ({failed} failed)"),
    };
    Some(match operation.has_ended() {
        true if done == started => format!("{started} {items}{failed}"),
        true => format!("{done} of {started} {items}{failed}"),
        false => format!("{done} done{failed}, {} running", progress.running()),
    })
}

/// Returns how an attempt that was followed by another one ended, such as
/// `attempt 1: PaymentError: declined; next attempt in 2 s`. Returns nothing for polls of a condition that was not met.
pub fn attempt(attempt: &Attempt) -> Option<String> {
    let next = attempt.next_due.zip(attempt.end);
    let next = next.map(|(due, end)| format!("; next attempt in {}", delay(due.saturating_since(end))));
    let next = next.unwrap_or_default();
    let number = attempt.number;
    match attempt.outcome? {
        AttemptOutcome::Unmet | AttemptOutcome::Succeeded => None,
        AttemptOutcome::Interrupted => Some(format!("attempt {number} was interrupted")),
        AttemptOutcome::Failed => match &attempt.error {
            Some(error) => Some(format!("attempt {number}: {}{next}", first_line(error))),
            None => Some(format!("attempt {number} failed{next}")),
        },
    }
}

/// Returns the failed attempts of an operation that were followed by others, and why it failed, one line each.
pub fn notes(operation: &OperationSpan) -> Vec<String> {
    let last = operation.attempts.len().saturating_sub(operation.has_ended().into());
    let mut notes: Vec<String> = operation.attempts.iter().take(last).filter_map(attempt).collect();
    if operation.is_failed() {
        notes.extend(match (ending(&operation.status), operation.error.as_deref()) {
            (Some(ending), error) => Some(format!("{ending}{}", because(error))),
            (None, Some(error)) => Some(first_line(error)),
            (None, None) => None,
        });
    }
    notes
}

/// Formats a delay, which is usually a number of seconds.
fn delay(delay: Duration) -> String {
    match (delay.as_secs(), delay.subsec_millis()) {
        (seconds @ 0..60, 0) => format!("{seconds} s"),
        (_, _) => duration(delay),
    }
}
