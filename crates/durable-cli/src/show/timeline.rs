//! The operations of an execution as rows of time spans, folded from its history.

use std::collections::HashMap;

use durable_types::history::{Event, EventDetails, EventError, RetryDetails};
use durable_types::{SmallString, Timestamp, sub_type};

use crate::display::{Mark, context_kind, label};

/// The activity of an operation during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its code or the called function runs.
    Running,
    /// It waits for a timer, a callback or the next attempt.
    Waiting,
    /// An attempt that failed.
    Failed,
    /// Operations inside it run.
    Around,
}

/// A span of an operation's lifetime. One without end is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) phase: Phase,
    pub(super) start: Timestamp,
    pub(super) end: Option<Timestamp>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) mark: Mark,
    pub(super) label: String,
    pub(super) attempts: u32,
    pub(super) spans: Vec<Span>,
    /// Notes, one line each.
    pub(super) notes: Vec<String>,
    /// The id with which a callback is answered. It is never cut, because only the whole id is usable.
    pub(super) callback_id: Option<String>,
    /// The ids of the operations inside it, in the order of their starts.
    pub(super) inside: Vec<SmallString>,
}

/// The operations of an execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Timeline {
    /// The rows by operation id.
    pub(super) rows: HashMap<SmallString, Row>,
    /// The ids of the top-level operations, in the order of their starts.
    pub(super) outermost: Vec<SmallString>,
    /// The invocations of the function.
    pub(super) invocations: Vec<Span>,
    /// The error of the last invocation, if it failed.
    pub(super) failure: Option<String>,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// The time of the last event.
    pub(super) last: Option<Timestamp>,
}

impl Timeline {
    pub(super) fn read(events: &[Event]) -> Self {
        let mut timeline = Self::default();
        events.iter().for_each(|event| timeline.add(event));
        timeline
    }

    fn add(&mut self, event: &Event) {
        let at = event.event_timestamp;
        self.last = self.last.max(Some(at));
        match &event.details {
            EventDetails::ExecutionStarted(_) => self.start = Some(at),
            EventDetails::ExecutionSucceeded(_)
            | EventDetails::ExecutionFailed(_)
            | EventDetails::ExecutionTimedOut(_)
            | EventDetails::ExecutionStopped(_) => self.end = Some(at),
            EventDetails::InvocationCompleted(details) => {
                let phase = if details.error.is_some() { Phase::Failed } else { Phase::Running };
                let (start, end) = (details.start_timestamp, Some(details.end_timestamp));
                self.invocations.push(Span { phase, start, end });
                self.failure = details.error.as_ref().and_then(|error| describe("", error));
            }
            EventDetails::ExecutionPaused(_)
            | EventDetails::ExecutionResumed(_)
            | EventDetails::Unknown(_) => {}
            EventDetails::ContextStarted(_) => {
                self.begin(event, context_kind(event.sub_type.as_deref()), Phase::Around);
            }
            EventDetails::StepStarted(_) => {
                self.begin(event, step_kind(event), Phase::Running);
            }
            EventDetails::WaitStarted(_) => {
                self.begin(event, "wait", Phase::Waiting);
            }
            EventDetails::CallbackStarted(details) => {
                let row = self.begin(event, "callback", Phase::Waiting);
                row.callback_id = Some(details.callback_id.clone());
            }
            EventDetails::ChainedInvokeStarted(details) => {
                let row = self.begin(event, "invoke", Phase::Running);
                row.notes.push(format!("calls {}", details.function_name));
            }
            EventDetails::ContextSucceeded(_)
            | EventDetails::WaitSucceeded(_)
            | EventDetails::CallbackSucceeded(_)
            | EventDetails::ChainedInvokeSucceeded(_) => self.end(event, Mark::Done, None),
            EventDetails::StepSucceeded(details) => {
                self.count(event, details.retry_details);
                self.end(event, Mark::Done, None);
            }
            EventDetails::StepFailed(details) => {
                self.fail_attempt(event, &details.error, details.retry_details)
            }
            EventDetails::ContextFailed(details) => {
                self.end(event, Mark::Failed, describe("", &details.error))
            }
            EventDetails::CallbackFailed(details) => {
                self.end(event, Mark::Failed, describe("", &details.error))
            }
            EventDetails::ChainedInvokeFailed(details) => {
                self.end(event, Mark::Failed, describe("", &details.error))
            }
            EventDetails::CallbackTimedOut(details) => {
                self.end(event, Mark::Failed, describe("timed out", &details.error));
            }
            EventDetails::ChainedInvokeTimedOut(details) => {
                self.end(event, Mark::Failed, describe("timed out", &details.error));
            }
            EventDetails::ChainedInvokeStopped(details) => {
                self.end(event, Mark::Failed, describe("was stopped", &details.error));
            }
            EventDetails::WaitCancelled(_) => self.end(event, Mark::Failed, Some("was cancelled".to_owned())),
        }
    }

    fn begin(&mut self, event: &Event, kind: &str, phase: Phase) -> &mut Row {
        let at = event.event_timestamp;
        let row = self.row(event, kind);
        // The backoff between two attempts has ended.
        if let Some(waiting) = row.spans.last_mut().filter(|span| span.end.is_none()) {
            waiting.end = Some(at);
        }
        row.spans.push(Span { phase, start: at, end: None });
        row
    }

    fn fail_attempt(&mut self, event: &Event, error: &EventError, retry: RetryDetails) {
        self.count(event, retry);
        let Some(delay) = retry.next_attempt_delay_seconds else {
            return self.end(event, Mark::Failed, describe("", error));
        };
        let at = event.event_timestamp;
        let row = self.row(event, "step");
        close(row, at, Phase::Failed);
        row.spans.push(Span { phase: Phase::Waiting, start: at, end: None });
        let attempt = row.attempts.max(1);
        row.notes.extend(describe(&format!("attempt {attempt}, the next in {delay} s"), error));
    }

    fn end(&mut self, event: &Event, mark: Mark, note: Option<String>) {
        let row = self.row(event, "operation");
        let at = event.event_timestamp;
        match (mark, row.spans.last().map(|span| span.phase)) {
            (Mark::Failed, Some(Phase::Running)) => close(row, at, Phase::Failed),
            (_, Some(phase)) => close(row, at, phase),
            (_, None) => row.spans.push(Span { phase: Phase::Running, start: at, end: Some(at) }),
        }
        row.mark = mark;
        row.notes.extend(note);
    }

    fn count(&mut self, event: &Event, retry: RetryDetails) {
        self.row(event, "step").attempts = retry.current_attempt.unwrap_or(1);
    }

    /// Returns the row of an operation, which is created if it is new.
    fn row(&mut self, event: &Event, kind: &str) -> &mut Row {
        let id = event.id.clone().unwrap_or_default();
        let mut index = 0;
        if !self.rows.contains_key(&id) {
            let siblings = match event.parent_id.as_ref().and_then(|parent| self.rows.get_mut(parent)) {
                Some(parent) => &mut parent.inside,
                None => &mut self.outermost,
            };
            index = siblings.len();
            siblings.push(id.clone());
        }
        self.rows.entry(id).or_insert_with(|| Row::new(label(kind, event, index)))
    }
}

impl Row {
    fn new(label: String) -> Self {
        let (spans, notes, inside) = (Vec::new(), Vec::new(), Vec::new());
        Self { mark: Mark::Begun, label, attempts: 0, spans, notes, callback_id: None, inside }
    }

    /// Returns the start and the end of the execution. It has no end while it is running.
    pub(super) fn lifetime(&self) -> Option<(Timestamp, Option<Timestamp>)> {
        Some((self.spans.first()?.start, self.spans.last()?.end))
    }
}

/// Returns the label for steps of this subtype.
fn step_kind(event: &Event) -> &'static str {
    match event.sub_type.as_deref() {
        Some(sub_type::WAIT_FOR_CONDITION) => "condition",
        Some(_) | None => "step",
    }
}

/// Closes the open span of a row.
fn close(row: &mut Row, at: Timestamp, phase: Phase) {
    if let Some(span) = row.spans.last_mut().filter(|span| span.end.is_none()) {
        *span = Span { phase, end: Some(at), ..*span };
    }
}

/// Returns how an operation ended, and the first line of its error if it is known.
fn describe(how: &str, error: &EventError) -> Option<String> {
    let error =
        error.payload.as_ref().map(|error| error.to_string().lines().next().unwrap_or_default().to_owned());
    match (how, error) {
        ("", error) => error,
        (how, Some(error)) => Some(format!("{how}: {error}")),
        (how, None) => Some(how.to_owned()),
    }
}
