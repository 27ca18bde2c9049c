//! Tests of the entries about events.

use durable_types::history::{
    CallbackStartedDetails, ContextStartedDetails, ContextSucceededDetails, EventDetails, EventError,
    EventResult, ExecutionPausedDetails, InvocationCompletedDetails, RetryDetails, StepFailedDetails,
    StepStartedDetails, StepSucceededDetails, WaitStartedDetails,
};
use durable_types::{ErrorObject, sub_type};

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
    entries.iter().filter_map(|entry| entry.line.as_ref()).map(ToString::to_string).collect()
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
        LiveTimeline::default().apply(&[event("ship", None, context()), item("x"), step, item("y")]);

    assert_eq!(lines(&entries), ["▸ context ship", "  ▸ item 0", "    … step", "  ▸ item 1"]);
}

#[test]
fn a_step_is_shown_when_it_starts_and_when_it_ends() {
    let mut live = LiveTimeline::default();

    let first = live.apply(&[event("charge", None, step_started())]);
    let second = live.apply(&[event("charge", None, step_succeeded(1))]);

    assert_eq!(lines(&first), ["… step charge"]);
    assert_eq!(lines(&second), ["✓ step charge"]);
}

#[test]
fn a_completed_step_is_one_line() {
    let entries = LiveTimeline::default()
        .apply(&[event("charge", None, step_started()), event("charge", None, step_succeeded(1))]);

    assert_eq!(lines(&entries), ["✓ step charge"]);
}

#[test]
fn attempts_are_numbered_and_show_their_errors() {
    let mut live = LiveTimeline::default();

    let entries = live.apply(&[
        event("charge", None, step_started()),
        event("charge", None, step_failed(1, Some(2))),
        event("charge", None, step_started()),
    ]);
    let end = live.apply(&[event("charge", None, step_failed(2, None))]);

    assert_eq!(
        lines(&entries),
        ["✗ step charge, attempt 1: PaymentError: declined; next attempt in 2 s", "… step charge, attempt 2"]
    );
    assert_eq!(lines(&end), ["✗ step charge, attempt 2: PaymentError: declined"]);
}

#[test]
fn operations_inside_a_context_are_indented() {
    let details = ContextSucceededDetails::new(EventResult::default());
    let entries = LiveTimeline::default().apply(&[
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

    let entries = LiveTimeline::default().apply(&[event("settle", None, EventDetails::WaitStarted(details))]);

    assert_eq!(lines(&entries), ["… wait settle until 03:05:05 UTC"]);
}

#[test]
fn a_callback_shows_its_id_and_its_timeout() {
    let callback = |timeout| {
        let mut details = CallbackStartedDetails::new("Y2FsbGJhY2s=");
        details.heartbeat_timeout = Some(5);
        details.timeout = timeout;
        LiveTimeline::default().apply(&[event("approve", None, EventDetails::CallbackStarted(details))])
    };

    assert_eq!(lines(&callback(None)), ["… callback approve, id Y2FsbGJhY2s="]);
    assert_eq!(lines(&callback(Some(0))), lines(&callback(None)));
    let [entry] = &callback(Some(60))[..] else { panic!("one entry") };
    assert!(entry.line.as_ref().unwrap().text.contains(" until "), "{entry:?}");
}

#[test]
fn only_failed_invocations_are_shown() {
    let completed = |error: Option<EventError>| {
        let mut details = InvocationCompletedDetails::new(Timestamp::EPOCH, Timestamp::EPOCH, "1");
        details.error = error;
        EventDetails::InvocationCompleted(details)
    };
    let crash = ErrorObject::new("Runtime.ExitError", "signal: killed");

    let entries = LiveTimeline::default()
        .apply(&[event("", None, completed(None)), event("", None, completed(Some(crash.into())))]);

    assert_eq!(lines(&entries), ["! the invocation failed: Runtime.ExitError: signal: killed"]);
}
#[test]
fn the_progress_of_a_map_is_shown_once_for_many_events() {
    let mut live = LiveTimeline::default();
    let context = || EventDetails::ContextStarted(ContextStartedDetails::default());
    let ended = || EventDetails::ContextSucceeded(ContextSucceededDetails::new(EventResult::default()));
    let of = |id: &str, parent: Option<&str>, sub_type: &str, details| {
        let mut event = event(id, parent, details);
        event.sub_type = Some(sub_type.into());
        event
    };
    let item = |id: &str, details| of(id, Some("ship"), sub_type::MAP_ITERATION, details);

    let begun = live.apply(&[
        of("ship", None, sub_type::MAP, context()),
        item("a", context()),
        item("b", context()),
        item("a", ended()),
    ]);
    let done = live.apply(&[item("b", ended()), of("ship", None, sub_type::MAP, ended())]);

    assert_eq!(lines(&begun), ["▸ map ship", "  ▸ item a", "  ▸ item b", "  ✓ item a"]);
    let running: Vec<_> = begun.iter().filter(|entry| entry.activity != Activity::None).collect();
    let [start, over, progress] = &running[..] else { panic!("{running:?}") };
    assert!(matches!(&start.activity, Activity::Running { id, .. } if id == "ship"));
    assert_eq!(over.activity, Activity::Over { id: "a".into() });
    let label = "map ship, 1 done, 1 running".to_owned();
    let activity = Activity::Running { id: "ship".into(), depth: 0, label, until: None };
    assert_eq!((&progress.line, &progress.activity), (&None, &activity));
    assert_eq!(lines(&done), ["  ✓ item b", "✓ map ship, 2 items"]);
}

#[test]
fn markers_are_one_line_and_internal_ones_none() {
    let marker = |id: &str, sub_type: &str, details| {
        let mut event = event(id, None, details);
        event.sub_type = Some(sub_type.into());
        event
    };
    let decided = || {
        let result = EventResult::from(Some("1".to_owned()));
        EventDetails::StepSucceeded(StepSucceededDetails::new(result, RetryDetails::new(1, None)))
    };
    let mut live = LiveTimeline::default();

    let started = live.apply(&[marker("fastest", sub_type::RACE, step_started())]);
    let ended = live.apply(&[
        marker("fastest", sub_type::RACE, decided()),
        marker("x", sub_type::RESULT_ORDER, step_started()),
        marker("x", sub_type::RESULT_ORDER, decided()),
    ]);

    assert_eq!(lines(&started), Vec::<String>::new());
    assert_eq!(lines(&ended), ["◆ race fastest: branch 1 was first"]);
}

#[test]
fn a_condition_that_is_not_met_is_not_done() {
    let poll = |delay| {
        let retry = RetryDetails::new(1, delay);
        let details = EventDetails::StepSucceeded(StepSucceededDetails::new(EventResult::default(), retry));
        let mut event = event("ready", None, details);
        event.sub_type = Some(sub_type::WAIT_FOR_CONDITION.into());
        event
    };

    let entries = LiveTimeline::default().apply(&[poll(Some(5))]);

    assert_eq!(lines(&entries), ["… condition ready not met in attempt 1, next at 03:04:10 UTC"]);
}

#[test]
fn a_pause_shows_the_first_line_of_its_reason() {
    let mut details = ExecutionPausedDetails::new(Timestamp::EPOCH, false);
    details.reason = Some(Some("maintenance\nuntil noon".to_owned()).into());

    let entries = LiveTimeline::default().apply(&[event("", None, EventDetails::ExecutionPaused(details))]);

    assert_eq!(lines(&entries), ["! the execution is paused: maintenance"]);
}
