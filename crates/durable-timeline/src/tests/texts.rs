//! Timelines as text.

use durable_types::history::{Event, EventDetails, ExecutionFailedDetails, ExecutionPausedDetails};
use durable_types::{ErrorObject, sub_type};

use super::history::{History, at, declined};
use crate::text::{notes, progress};
use crate::timeline::Timeline;

#[test]
fn an_execution_is_readable_as_text() {
    let item = sub_type::MAP_ITERATION;
    let crash = ErrorObject::new("Runtime.ExitError", "signal: killed");
    let history = History::begun()
        .step(0, 3, "reserve")
        .step_started(3, "charge")
        .step_failed(10, "charge", 1, Some(2))
        .invocation(0, 12, None)
        .invocation(12, 15, Some(crash))
        .step_started(2_010, "charge")
        .step_succeeded(2_020, "charge", 2)
        .marker(2_020, "new-tax", sub_type::PATCH, "true")
        .marker(2_021, "fastest", sub_type::RACE, "1")
        .marker(2_021, "late", sub_type::RESULT_ORDER, "x")
        .context_started(2_030, "ship", sub_type::MAP)
        .inside("ship")
        .context_started(2_030, "map-item-0", item)
        .inside("map-item-0")
        .invoke_started(2_031, "label", None)
        .inside("ship")
        .context_started(2_030, "map-item-1", item)
        .context_failed(2_040, "map-item-1", item)
        .inside("")
        .callback_started(2_050, "approve", Some(60))
        .event(2_060, "", "", EventDetails::ExecutionPaused(ExecutionPausedDetails::new(at(1), false)));

    insta::assert_snapshot!(Timeline::from_events(&history.events));
}

#[test]
fn a_failed_saga_names_its_compensations() {
    let history = History::begun()
        .context_started(0, "trip", sub_type::SAGA)
        .inside("trip")
        .step(0, 1, "hotel")
        .step_started(1, "car")
        .step_failed(2, "car", 1, None)
        .step(2, 3, "undo-hotel")
        .inside("")
        .context_failed(3, "trip", sub_type::SAGA)
        .event(4, "", "", EventDetails::ExecutionFailed(ExecutionFailedDetails::new(declined())));

    insta::assert_snapshot!(Timeline::from_events(&history.events));
}

#[test]
fn a_batch_that_was_complete_early_shows_how_many_items_ended() {
    let item = sub_type::MAP_ITERATION;
    let running = History::begun()
        .context_started(0, "ship", sub_type::MAP)
        .inside("ship")
        .context_started(0, "a", item)
        .context_started(0, "b", item)
        .context_succeeded(1, "a", item);
    let ended = running.clone().inside("").context_succeeded(2, "ship", sub_type::MAP);

    let progress =
        |history: &History| progress(Timeline::from_events(&history.events).operation("ship").unwrap());

    assert_eq!(progress(&running).as_deref(), Some("1 done, 1 running"));
    assert_eq!(progress(&ended).as_deref(), Some("1 of 2 items"));
}

#[test]
fn notes_contain_failed_attempts_and_the_final_error_once() {
    let history = History::begun()
        .step_started(0, "charge")
        .step_failed(1, "charge", 1, Some(2))
        .step_started(2_001, "charge")
        .step_failed(2_002, "charge", 2, None);

    let timeline = Timeline::from_events(&history.events);

    assert_eq!(
        notes(timeline.operation("charge").unwrap()),
        ["attempt 1: PaymentError: declined; next attempt in 2 s", "PaymentError: declined"]
    );
}

/// The history of an execution of AWS's Python SDK 3.0.0: a retried block, a map, a parallel, a child context and a wait
/// for a callback.
#[test]
fn an_execution_of_the_python_sdk_reads_like_its_code() {
    let events: Vec<Event> = serde_json::from_str(include_str!("histories/python.json")).unwrap();

    insta::assert_snapshot!(Timeline::from_events(&events));
}

/// The history of an execution of AWS's JavaScript SDK 2.4.0: a retried block, a map, a combinator, a condition and a wait
/// for a callback.
#[test]
fn an_execution_of_the_javascript_sdk_reads_like_its_code() {
    let events: Vec<Event> = serde_json::from_str(include_str!("histories/javascript.json")).unwrap();

    insta::assert_snapshot!(Timeline::from_events(&events));
}
