//! Turns the history of an execution into human-readable lines.

use std::collections::HashMap;
use std::time::Duration;

use durable_types::history::{CallbackStartedDetails, Event, EventDetails, EventError, RetryDetails};
use durable_types::{SmallString, Timestamp, sub_type};

use super::line::{Line, Mark};
use crate::time_format::time_of_day;

/// An entry to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) line: Line,
    pub(crate) activity: Activity,
}

/// The activity of an operation after an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// The entry does not change which operations are active.
    None,
    /// The operation runs, or waits until this time.
    Running { id: SmallString, label: String, until: Option<Timestamp> },
    /// The operation has ended.
    Over { id: SmallString },
}

/// Turns events into entries.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    operations: HashMap<SmallString, Shown>,
}

/// An operation that has started.
#[derive(Clone, Debug)]
struct Shown {
    label: String,
    depth: usize,
    attempts: u32,
    /// The number of operations that have started inside it.
    inside: usize,
}

impl Transcript {
    /// Returns the entries of the next events.
    ///
    /// An operation that starts and ends within these events is shown only by its end, unless it contains others.
    pub(crate) fn read(&mut self, events: &[Event]) -> Vec<Entry> {
        let mut entries: Vec<Option<Entry>> = Vec::with_capacity(events.len());
        let mut begun: HashMap<SmallString, usize> = HashMap::new();
        for entry in events.iter().filter_map(|event| self.entry(event)) {
            match &entry.activity {
                Activity::Running { id, .. } if entry.line.mark == Mark::Begun => {
                    begun.insert(id.clone(), entries.len());
                }
                Activity::Running { id, .. } | Activity::Over { id } => {
                    if let Some(beginning) = begun.remove(id).and_then(|index| entries.get_mut(index)) {
                        *beginning = None;
                    }
                }
                Activity::None => {}
            }
            entries.push(Some(entry));
        }
        entries.into_iter().flatten().collect()
    }

    fn entry(&mut self, event: &Event) -> Option<Entry> {
        match &event.details {
            EventDetails::StepStarted(_) => Some(self.begin_attempt(event)),
            EventDetails::WaitStarted(details) => {
                Some(self.begin(event, "wait", Some(details.scheduled_end_timestamp)))
            }
            EventDetails::CallbackStarted(details) => Some(self.begin_callback(event, details)),
            EventDetails::ChainedInvokeStarted(details) => {
                Some(self.begin(event, &format!("invoke of {} as", details.function_name), None))
            }
            EventDetails::ContextStarted(_) => Some(self.begin_context(event)),
            EventDetails::StepSucceeded(details) => {
                Some(self.end_attempt(event, None, details.retry_details))
            }
            EventDetails::StepFailed(details) => {
                Some(self.end_attempt(event, Some(&details.error), details.retry_details))
            }
            EventDetails::ContextSucceeded(_)
            | EventDetails::WaitSucceeded(_)
            | EventDetails::CallbackSucceeded(_)
            | EventDetails::ChainedInvokeSucceeded(_) => Some(self.end(event, Mark::Done, "", None)),
            EventDetails::WaitCancelled(_) => Some(self.end(event, Mark::Failed, " was cancelled", None)),
            EventDetails::ContextFailed(details) => {
                Some(self.end(event, Mark::Failed, "", Some(&details.error)))
            }
            EventDetails::CallbackFailed(details) => {
                Some(self.end(event, Mark::Failed, "", Some(&details.error)))
            }
            EventDetails::CallbackTimedOut(details) => {
                Some(self.end(event, Mark::Failed, " timed out", Some(&details.error)))
            }
            EventDetails::ChainedInvokeFailed(details) => {
                Some(self.end(event, Mark::Failed, "", Some(&details.error)))
            }
            EventDetails::ChainedInvokeTimedOut(details) => {
                Some(self.end(event, Mark::Failed, " timed out", Some(&details.error)))
            }
            EventDetails::ChainedInvokeStopped(details) => {
                Some(self.end(event, Mark::Failed, " was stopped", Some(&details.error)))
            }
            EventDetails::InvocationCompleted(details) => {
                let error = details.error.as_ref()?;
                Some(note(format!("the invocation failed{}", because(error))))
            }
            EventDetails::ExecutionPaused(_) => Some(note("the execution is paused".to_owned())),
            EventDetails::ExecutionResumed(_) => Some(note("the execution is resumed".to_owned())),
            // The caller shows how an execution starts and ends.
            EventDetails::ExecutionStarted(_)
            | EventDetails::ExecutionSucceeded(_)
            | EventDetails::ExecutionFailed(_)
            | EventDetails::ExecutionTimedOut(_)
            | EventDetails::ExecutionStopped(_)
            | EventDetails::Unknown(_) => None,
        }
    }

    fn begin(&mut self, event: &Event, kind: &str, until: Option<Timestamp>) -> Entry {
        let shown = self.shown(event, kind);
        let text = match until {
            Some(until) => format!("{} until {}", shown.label, time_of_day(until)),
            None => shown.label.clone(),
        };
        let id = event.id.clone().unwrap_or_default();
        let line = Line { depth: shown.depth, mark: Mark::Begun, text };
        Entry { line, activity: Activity::Running { id, label: shown.label, until } }
    }

    /// Includes the id of a callback, which is needed to answer it.
    fn begin_callback(&mut self, event: &Event, details: &CallbackStartedDetails) -> Entry {
        let timeout = details.timeout.filter(|seconds| *seconds > 0);
        let until = timeout.map(|seconds| event.event_timestamp.saturating_add(Duration::from_secs(seconds)));
        let mut entry = self.begin(event, "callback", until);
        entry.line.text = format!("{}, id {}", entry.line.text, details.callback_id);
        entry
    }

    fn begin_attempt(&mut self, event: &Event) -> Entry {
        let kind = if event.sub_type.as_deref() == Some(sub_type::WAIT_FOR_CONDITION) {
            "condition"
        } else {
            "step"
        };
        let mut entry = self.begin(event, kind, None);
        let attempts = self.attempts(event);
        if attempts > 0 {
            entry.line.text = format!("{}, attempt {}", entry.line.text, attempts.saturating_add(1));
            if let Activity::Running { label, .. } = &mut entry.activity {
                label.clone_from(&entry.line.text);
            }
        }
        entry
    }

    fn begin_context(&mut self, event: &Event) -> Entry {
        let kind = context_kind(event.sub_type.as_deref());
        let shown = self.shown(event, kind);
        let line = Line { depth: shown.depth, mark: Mark::Opened, text: shown.label };
        Entry { line, activity: Activity::None }
    }

    fn end_attempt(&mut self, event: &Event, error: Option<&EventError>, retry: RetryDetails) -> Entry {
        let attempt = retry.current_attempt.unwrap_or(1);
        let more_than_one = attempt > 1 || retry.next_attempt_delay_seconds.is_some();
        let which = if more_than_one { format!(", attempt {attempt}") } else { String::new() };
        let mark = if error.is_some() { Mark::Failed } else { Mark::Done };
        let mut entry = self.end(event, mark, &which, error);
        if let Some(shown) = event.id.as_ref().and_then(|id| self.operations.get_mut(id)) {
            shown.attempts = attempt;
        }
        if let Some(seconds) = retry.next_attempt_delay_seconds {
            let until = event.event_timestamp.saturating_add(Duration::from_secs(seconds));
            let next = attempt.saturating_add(1);
            entry.line.text = format!("{}; next attempt in {seconds} s", entry.line.text);
            entry.activity = Activity::Running {
                id: event.id.clone().unwrap_or_default(),
                label: format!("{}, attempt {next}", self.label(event)),
                until: Some(until),
            };
        }
        entry
    }

    fn end(&mut self, event: &Event, mark: Mark, how: &str, error: Option<&EventError>) -> Entry {
        let shown = self.shown(event, "operation");
        let why = error.map(because).unwrap_or_default();
        let line = Line { depth: shown.depth, mark, text: format!("{}{how}{why}", shown.label) };
        Entry { line, activity: Activity::Over { id: event.id.clone().unwrap_or_default() } }
    }

    /// Returns the label of an operation: that of its start or, without one, that of this event.
    fn shown(&mut self, event: &Event, kind: &str) -> Shown {
        let id = event.id.as_deref().unwrap_or_default();
        if let Some(shown) = self.operations.get(id) {
            return shown.clone();
        }
        let parent = event.parent_id.as_ref().and_then(|parent| self.operations.get_mut(parent));
        let (depth, index) = parent.map_or((0, 0), |parent| {
            let index = parent.inside;
            parent.inside = index.saturating_add(1);
            (parent.depth.saturating_add(1), index)
        });
        let label = label(kind, event, index);
        let shown = Shown { label, depth, attempts: 0, inside: 0 };
        self.operations.insert(id.into(), shown.clone());
        shown
    }

    fn label(&self, event: &Event) -> String {
        let shown = event.id.as_ref().and_then(|id| self.operations.get(id));
        shown.map(|shown| shown.label.clone()).unwrap_or_default()
    }

    fn attempts(&self, event: &Event) -> u32 {
        event.id.as_ref().and_then(|id| self.operations.get(id)).map_or(0, |shown| shown.attempts)
    }
}

fn note(text: String) -> Entry {
    Entry { line: Line { depth: 0, mark: Mark::Note, text }, activity: Activity::None }
}

/// Formats the first line of an error as the end of a sentence.
pub(crate) fn because(error: &EventError) -> String {
    let Some(error) = &error.payload else { return String::new() };
    let text = error.to_string();
    format!(": {}", text.lines().next().unwrap_or_default())
}

/// Returns the label of an operation. One without a name is labelled by its kind, and by its index if it has one.
pub(crate) fn label(kind: &str, event: &Event, index: usize) -> String {
    let is_one_of_many =
        matches!(event.sub_type.as_deref(), Some(sub_type::MAP_ITERATION | sub_type::PARALLEL_BRANCH));
    match &event.name {
        Some(name) => format!("{kind} {name}"),
        None if is_one_of_many => format!("{kind} {index}"),
        None => kind.to_owned(),
    }
}

/// Returns the label for contexts of this subtype.
pub(crate) fn context_kind(sub_type: Option<&str>) -> &'static str {
    match sub_type {
        Some(sub_type::MAP) => "map",
        Some(sub_type::MAP_ITERATION) => "item",
        Some(sub_type::PARALLEL) => "parallel",
        Some(sub_type::PARALLEL_BRANCH) => "branch",
        Some(sub_type::WAIT_FOR_CALLBACK) => "wait for callback",
        Some(_) | None => "context",
    }
}

#[cfg(test)]
mod tests {
    use durable_types::ErrorObject;
    use durable_types::history::{
        ContextStartedDetails, ContextSucceededDetails, EventResult, InvocationCompletedDetails,
        StepFailedDetails, StepStartedDetails, StepSucceededDetails, WaitStartedDetails,
    };

    use super::*;

    fn event(id: &str, parent: Option<&str>, details: EventDetails) -> Event {
        let mut event = Event::new(2, Timestamp::from_millis(1_767_323_045_678), details);
        event.id = Some(id.into());
        event.name = Some(id.into());
        event.parent_id = parent.map(Into::into);
        event
    }

    fn step_started() -> EventDetails {
        EventDetails::StepStarted(StepStartedDetails::default())
    }

    fn step_succeeded(attempt: u32) -> EventDetails {
        let retry_details = RetryDetails::new(attempt, None);
        EventDetails::StepSucceeded(StepSucceededDetails::new(EventResult::default(), retry_details))
    }

    fn step_failed(attempt: u32, delay: Option<u64>) -> EventDetails {
        let retry_details = RetryDetails::new(attempt, delay);
        let error = ErrorObject::new("PaymentError", "declined\nby the bank");
        EventDetails::StepFailed(StepFailedDetails::new(error, retry_details))
    }

    fn lines(entries: &[Entry]) -> Vec<String> {
        entries.iter().map(|entry| entry.line.to_string()).collect()
    }

    #[test]
    fn unnamed_operations_are_numbered_if_there_are_many() {
        let context = || EventDetails::ContextStarted(ContextStartedDetails::default());
        let item = |id: &str| {
            let mut item = event(id, Some("ship"), context());
            item.name = None;
            item.sub_type = Some(sub_type::MAP_ITERATION.into());
            item
        };
        let mut step = event("a1b2", Some("x"), step_started());
        step.name = None;

        let entries =
            Transcript::default().read(&[event("ship", None, context()), item("x"), step, item("y")]);

        assert_eq!(lines(&entries), ["▸ context ship", "  ▸ item 0", "    … step", "  ▸ item 1"]);
    }

    #[test]
    fn a_step_is_shown_when_it_starts_and_when_it_ends() {
        let mut transcript = Transcript::default();

        let first = transcript.read(&[event("charge", None, step_started())]);
        let second = transcript.read(&[event("charge", None, step_succeeded(1))]);

        assert_eq!(lines(&first), ["… step charge"]);
        assert_eq!(lines(&second), ["✓ step charge"]);
    }

    #[test]
    fn a_completed_step_is_one_line() {
        let entries = Transcript::default()
            .read(&[event("charge", None, step_started()), event("charge", None, step_succeeded(1))]);

        assert_eq!(lines(&entries), ["✓ step charge"]);
    }

    #[test]
    fn attempts_are_numbered_and_show_their_errors() {
        let mut transcript = Transcript::default();

        let entries = transcript.read(&[
            event("charge", None, step_started()),
            event("charge", None, step_failed(1, Some(2))),
            event("charge", None, step_started()),
        ]);
        let end = transcript.read(&[event("charge", None, step_failed(2, None))]);

        assert_eq!(
            lines(&entries),
            [
                "✗ step charge, attempt 1: PaymentError: declined; next attempt in 2 s",
                "… step charge, attempt 2"
            ]
        );
        assert_eq!(lines(&end), ["✗ step charge, attempt 2: PaymentError: declined"]);
    }

    #[test]
    fn operations_inside_a_context_are_indented() {
        let details = ContextSucceededDetails::new(EventResult::default());
        let entries = Transcript::default().read(&[
            event("ship", None, EventDetails::ContextStarted(ContextStartedDetails::default())),
            event("label", Some("ship"), step_started()),
            event("label", Some("ship"), step_succeeded(1)),
            event("ship", None, EventDetails::ContextSucceeded(details)),
        ]);

        assert_eq!(lines(&entries), ["▸ context ship", "  ✓ step label", "✓ context ship"]);
    }

    #[test]
    fn a_wait_shows_its_end() {
        let until = Timestamp::from_millis(1_767_323_105_678);
        let details = WaitStartedDetails::new(60, until);

        let entries =
            Transcript::default().read(&[event("settle", None, EventDetails::WaitStarted(details))]);

        assert_eq!(lines(&entries), ["… wait settle until 03:05:05 UTC"]);
    }

    #[test]
    fn a_callback_shows_its_id_and_its_timeout() {
        let callback = |timeout| {
            let mut details = CallbackStartedDetails::new("Y2FsbGJhY2s=");
            details.heartbeat_timeout = Some(5);
            details.timeout = timeout;
            Transcript::default().read(&[event("approve", None, EventDetails::CallbackStarted(details))])
        };

        assert_eq!(lines(&callback(None)), ["… callback approve, id Y2FsbGJhY2s="]);
        assert_eq!(lines(&callback(Some(0))), lines(&callback(None)));
        let [entry] = &callback(Some(60))[..] else { panic!("one entry") };
        assert!(entry.line.text.contains(" until "), "{}", entry.line.text);
    }

    #[test]
    fn only_failed_invocations_are_shown() {
        let completed = |error: Option<EventError>| {
            let mut details = InvocationCompletedDetails::new(Timestamp::EPOCH, Timestamp::EPOCH, "1");
            details.error = error;
            EventDetails::InvocationCompleted(details)
        };
        let crash = ErrorObject::new("Runtime.ExitError", "signal: killed");

        let entries = Transcript::default()
            .read(&[event("", None, completed(None)), event("", None, completed(Some(crash.into())))]);

        assert_eq!(lines(&entries), ["! the invocation failed: Runtime.ExitError: signal: killed"]);
    }
}
