//! The history of an execution, as a fold of its events.

use durable_service::{History, history};
use durable_types::OperationType::{Context, Step};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, OperationUpdate as U};
use serde_json::json;

use crate::harness::{Harness, PENDING, SUCCEEDED};

fn order() -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![
        U::start_step("reserve").with_name("reserve"),
        U::succeed("reserve", Step, Some("1".to_owned())),
    ]);
    harness.record(vec![U::start_step("charge")]);
    harness.record(vec![U::retry_with_error(
        "charge",
        Step,
        ErrorObject::new("PaymentError", "declined"),
        Some(2),
    )]);
    harness.answer(PENDING);
    harness.elapse(2);
    harness.record(vec![U::start_step("charge")]);
    harness.fail("Runtime.ExitError");
    harness.record(vec![U::succeed("charge", Step, Some("2".to_owned())), U::start_wait("settle", 60)]);
    harness.answer(PENDING);
    harness.elapse(60);
    harness.record(vec![
        U::start_context("ship", "RunInChildContext").with_name("ship"),
        U::start_step("label").with_parent_id("ship"),
    ]);
    harness.record(vec![U::succeed("label", Step, None), U::succeed("ship", Context, None)]);
    harness.answer(SUCCEEDED);
    harness
}

#[test]
fn the_history_lists_all_events_in_order() {
    assert_eq!(
        order().history(),
        [
            "ExecutionStarted 0b1c",
            "StepStarted reserve",
            "StepSucceeded reserve",
            "StepStarted charge",
            "StepFailed charge",
            "InvocationCompleted",
            "StepStarted charge",
            "InvocationCompleted",
            "StepSucceeded charge",
            "WaitStarted settle",
            "InvocationCompleted",
            "WaitSucceeded settle",
            "ContextStarted ship",
            "StepStarted label",
            "StepSucceeded label",
            "ContextSucceeded ship",
            "InvocationCompleted",
            "ExecutionSucceeded 0b1c",
        ]
    );
}

#[test]
fn event_ids_are_consecutive_from_one() {
    let reported = history(&order().events);

    let ids: Vec<u64> = reported.iter().map(|event| event.event_id).collect();

    assert_eq!(ids, (1..=18).collect::<Vec<u64>>());
}

#[test]
fn an_event_names_its_operation_even_if_the_update_does_not() {
    let reported = history(&order().events);

    let closed = &reported[2];
    assert_eq!(closed.name.as_deref(), Some("reserve"));
    assert_eq!(closed.sub_type.as_deref(), Some("Step"));
    let label = &reported[14];
    assert_eq!(label.parent_id.as_deref(), Some("ship"));
}

#[test]
fn the_history_shows_the_error_of_a_crash() {
    let reported = history(&order().events);

    let EventDetails::InvocationCompleted(completed) = &reported[7].details else {
        panic!("{:?}", reported[7])
    };
    let error = completed.error.clone().unwrap().payload.unwrap();
    assert_eq!(error.error_type.as_deref(), Some("Runtime.ExitError"));
}

#[test]
fn the_history_contains_complete_payloads() {
    let reported = history(&order().events);

    let json = serde_json::to_value(&reported).unwrap();

    assert_eq!(json[2]["StepSucceededDetails"]["Result"], json!({"Payload": "1", "Truncated": false}));
    assert_eq!(json[4]["StepFailedDetails"]["Error"]["Truncated"], false);
    assert_eq!(json[7]["InvocationCompletedDetails"]["Error"]["Truncated"], false);
    assert_eq!(json[14]["StepSucceededDetails"]["Result"], json!({"Truncated": false}));
}

#[test]
fn a_history_can_be_converted_incrementally() {
    let harness = order();
    let (early, late) = harness.events.split_at(9);

    let mut first = History::default();
    let mut reported: Vec<_> = early.iter().filter_map(|event| first.apply(event)).collect();
    let mut second = History::after(first.last_event_id());
    reported.extend(late.iter().filter_map(|event| second.apply(event)));

    assert_eq!(reported, history(&harness.events));
}

#[test]
fn includes_agrees_with_the_converted_history() {
    for event in order().events {
        assert_eq!(History::includes(&event), History::default().apply(&event).is_some(), "{event:?}");
    }
}
