//! The timeline of an execution, displayed while it grows.

use std::collections::{HashMap, HashSet};

use durable_timeline::text::{Mark, attempt, because, ending, title};
use durable_timeline::{AttemptOutcome, Change, InvocationSpan, OperationSpan, Timeline, WaitingFor};
use durable_types::history::Event;
use durable_types::{SmallString, Timestamp};

use super::entry::{Activity, Entry};
use super::line::Line;
use crate::time_format::time_of_day;

/// A timeline that turns the events of an execution into entries.
#[derive(Debug, Default)]
pub(crate) struct LiveTimeline {
    timeline: Timeline,
}

impl LiveTimeline {
    /// Adds the next events and returns the entries about them.
    ///
    /// An operation that starts and ends within these events is shown only by its end, unless it contains others. The
    /// progress of maps and parallels is shown once, as it is after these events.
    pub(crate) fn apply(&mut self, events: &[Event]) -> Vec<Entry> {
        let mut entries: Vec<Option<Entry>> = Vec::with_capacity(events.len());
        let mut started: HashMap<SmallString, usize> = HashMap::new();
        let mut batches: Vec<SmallString> = Vec::new();
        for event in events {
            let Some(change) = self.timeline.apply(event) else { continue };
            batches.extend(change.operation_id().and_then(|id| self.batch_of(id)));
            let Some(entry) = self.entry(&change) else { continue };
            if let Some(start) = change.operation_id().and_then(|id| started.remove(id))
                && let Some(start) = entries.get_mut(start)
            {
                *start = None;
            }
            if let (Some(Line { mark: Mark::Waiting, .. }), Some(id)) = (&entry.line, change.operation_id()) {
                started.insert(id.clone(), entries.len());
            }
            entries.push(Some(entry));
        }
        let mut shown = HashSet::new();
        batches.retain(|batch| shown.insert(batch.clone()));
        entries.into_iter().flatten().chain(batches.iter().filter_map(|batch| self.progress(batch))).collect()
    }

    /// Returns the id of the batch that contains an item.
    fn batch_of(&self, id: &str) -> Option<SmallString> {
        let item = self.timeline.operation(id).filter(|operation| operation.kind.is_item())?;
        self.timeline.parent(item).map(|batch| batch.id.clone())
    }

    fn entry(&self, change: &Change) -> Option<Entry> {
        let operation = |id: &SmallString| {
            let operation = self.timeline.operation(id)?;
            (!operation.kind.is_internal()).then_some(operation)
        };
        match change {
            Change::Started(id) => self.started(operation(id)?),
            Change::AttemptStarted(id) => Some(self.attempt_started(operation(id)?)),
            Change::AttemptEnded(id) => Some(self.attempt_ended(operation(id)?)),
            Change::Ended(id) => Some(self.ended(operation(id)?)),
            Change::InvocationEnded => {
                self.timeline.failed_invocation().map(|invocation| Entry::note(failed_invocation(invocation)))
            }
            Change::Paused => {
                let reason = self.timeline.execution().pause().and_then(|pause| pause.reason.as_deref());
                let reason = reason.and_then(|reason| reason.lines().next());
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                Some(Entry::note(format!("the execution is paused{reason}")))
            }
            Change::Resumed => Some(Entry::note("the execution is resumed".to_owned())),
            // The caller shows how an execution starts and ends.
            Change::ExecutionStarted | Change::ExecutionEnded => None,
            // A change that this version does not know.
            _ => None,
        }
    }

    /// Markers take no time, so only their end is shown.
    fn started(&self, operation: &OperationSpan) -> Option<Entry> {
        if operation.kind.is_marker() {
            return None;
        }
        let mut text = title(operation);
        if operation.kind.is_batch() {
            // Active from the start, so that its progress has a line before its items take up all of them.
            return Some(self.running(operation, Some((Mark::Running, text.clone())), text, None));
        }
        if operation.is_context() {
            let line = self.line(operation, Mark::Running, text);
            return Some(Entry { line: Some(line), activity: Activity::None });
        }
        let label = text.clone();
        let until = until(operation);
        if let Some(until) = until {
            text.push_str(&format!(" until {}", time_of_day(until)));
        }
        // The id is needed to answer a callback.
        if let Some(WaitingFor::Callback { callback_id: Some(id), .. }) = operation.waiting_for() {
            text.push_str(&format!(", id {id}"));
        }
        Some(self.running(operation, Some((Mark::Waiting, text)), label, until))
    }

    fn attempt_started(&self, operation: &OperationSpan) -> Entry {
        let text = format!("{}, attempt {}", title(operation), operation.attempt_count());
        self.running(operation, Some((Mark::Waiting, text.clone())), text, None)
    }

    fn attempt_ended(&self, operation: &OperationSpan) -> Entry {
        let Some(ended) = operation.attempts.last() else { return self.ended(operation) };
        let title = title(operation);
        let line = match (ended.outcome, attempt(ended)) {
            (Some(AttemptOutcome::Failed | AttemptOutcome::Interrupted), Some(how)) => {
                (Mark::Failed, format!("{title}, {how}"))
            }
            (_, _) => {
                let next = ended.next_due.map(|due| format!(", next at {}", time_of_day(due)));
                (
                    Mark::Waiting,
                    format!("{title} not met in attempt {}{}", ended.number, next.unwrap_or_default()),
                )
            }
        };
        let label = format!("{title}, attempt {}", ended.number.saturating_add(1));
        self.running(operation, Some(line), label, ended.next_due)
    }

    fn ended(&self, operation: &OperationSpan) -> Entry {
        let attempts = match operation.attempt_count() {
            0 | 1 => String::new(),
            attempt if operation.is_context() => format!(", {attempt} attempts"),
            attempt => format!(", attempt {attempt}"),
        };
        let how = ending(&operation.status).map(|ending| format!(" {ending}")).unwrap_or_default();
        let why = because(operation.error.as_deref().filter(|_| operation.is_failed()));
        let text = format!("{}{attempts}{how}{why}", title(operation));
        let line = self.line(operation, Mark::of(operation), text);
        Entry { line: Some(line), activity: Activity::Over { id: operation.id.clone() } }
    }

    /// Returns the progress of a batch that has not ended.
    fn progress(&self, id: &str) -> Option<Entry> {
        let batch = self.timeline.operation(id).filter(|batch| !batch.has_ended())?;
        Some(self.running(batch, None, title(batch), None))
    }

    fn running(
        &self,
        operation: &OperationSpan,
        line: Option<(Mark, String)>,
        label: String,
        until: Option<Timestamp>,
    ) -> Entry {
        let line = line.map(|(mark, text)| self.line(operation, mark, text));
        let (id, depth) = (operation.id.clone(), self.timeline.depth(operation));
        Entry { line, activity: Activity::Running { id, depth, label, until } }
    }

    fn line(&self, operation: &OperationSpan, mark: Mark, text: String) -> Line {
        Line { depth: self.timeline.depth(operation), mark, text }
    }
}

fn failed_invocation(invocation: &InvocationSpan) -> String {
    format!("the invocation failed{}", because(invocation.error.as_deref()))
}

/// Returns the time until which an operation waits, if it is known.
fn until(operation: &OperationSpan) -> Option<Timestamp> {
    match operation.waiting_for()? {
        WaitingFor::Timer { until } => until,
        WaitingFor::Callback { deadline, .. } => deadline,
        _ => None,
    }
}

#[cfg(test)]
mod tests;
