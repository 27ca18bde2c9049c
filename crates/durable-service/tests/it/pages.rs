//! Pagination of invocations, checkpoint responses and GetDurableExecutionState.

use durable_service::{Settings, StartExecution};
use durable_types::OperationType::Step;
use durable_types::{Operation, OperationUpdate as U};

use crate::harness::{Harness, PENDING, ids, request};

fn steps(count: usize, bytes: usize) -> Vec<U> {
    (0..count).map(|n| U::succeed(format!("s{n:04}"), Step, Some("x".repeat(bytes)))).collect()
}

fn with_steps(settings: Settings, count: usize, bytes: usize) -> Harness {
    let mut harness = Harness::with(request(), settings);
    harness.record(steps(count, bytes));
    harness.fail("Runtime.ExitError");
    harness
}

/// Reads all operations from a marker on, and counts the pages.
fn read(harness: &Harness, marker: Option<String>, max_items: Option<u32>) -> (Vec<Operation>, usize) {
    let mut operations = Vec::new();
    let mut pages = 0;
    let mut marker = marker;
    loop {
        let page = harness.state_page(marker, max_items).unwrap();
        operations.extend(page.operations);
        pages += 1;
        marker = page.next_marker;
        if marker.is_none() {
            return (operations, pages);
        }
    }
}

fn everything(harness: &Harness) -> Vec<Operation> {
    harness.execution.operations().cloned().collect()
}

#[test]
fn a_page_has_a_hundred_operations_unless_asked_otherwise_and_a_thousand_at_most() {
    let harness = with_steps(Settings::default(), 2_500, 1);

    let page = |max_items| harness.state_page(None, max_items).unwrap().operations.len();

    assert_eq!([page(None), page(Some(0)), page(Some(7)), page(Some(5_000))], [100, 100, 7, 1_000]);
}

#[test]
fn the_pages_contain_each_operation_once() {
    let harness = with_steps(Settings::default(), 250, 1);

    for (max_items, pages) in [(None, 3), (Some(1), 251), (Some(1_000), 1), (Some(251), 1), (Some(250), 2)] {
        let (operations, read) = read(&harness, None, max_items);

        assert_eq!(read, pages);
        assert_eq!(operations, everything(&harness));
    }
}

#[test]
fn pages_have_a_maximum_size() {
    let settings = Settings { response_page_bytes: 10_000, ..Settings::default() };
    let harness = with_steps(settings, 100, 1_000);

    let (operations, pages) = read(&harness, None, Some(1_000));
    let first = harness.state_page(None, Some(1_000)).unwrap();

    assert_eq!(operations, everything(&harness));
    assert!(pages > 10, "{pages}");
    assert!(serde_json::to_vec(&first.operations).unwrap().len() <= 10_001);
}

#[test]
fn an_oversized_operation_has_its_own_page() {
    let settings = Settings { response_page_bytes: 10, ..Settings::default() };
    let harness = with_steps(settings, 3, 1_000);

    let (operations, pages) = read(&harness, None, None);

    assert_eq!((operations, pages), (everything(&harness), 4));
}

#[test]
fn an_invocation_starts_with_the_first_page() {
    let settings = Settings { invocation_page_bytes: 10_000, ..Settings::default() };
    let harness = with_steps(settings, 100, 1_000);

    let state = &harness.last_invocation().input.initial_execution_state;
    let payload = serde_json::to_vec(&harness.last_invocation().input).unwrap();
    let (rest, _) = read(&harness, state.next_marker.clone(), Some(1_000));

    assert!(payload.len() < 10_000 + 500, "{}", payload.len());
    assert!(state.operations.len() > 5);
    assert_eq!([&state.operations[..], &rest[..]].concat(), everything(&harness));
}

#[test]
fn the_number_of_operations_in_an_invocation_is_limited() {
    let settings = Settings { invocation_page_items: 3, ..Settings::default() };
    let harness = with_steps(settings, 10, 1);

    let state = &harness.last_invocation().input.initial_execution_state;
    let (rest, _) = read(&harness, state.next_marker.clone(), None);

    assert_eq!(ids(&state.operations), ["0b1c", "s0000", "s0001"]);
    assert_eq!(rest.len(), 8);
}

#[test]
fn an_invocation_contains_its_input_even_if_it_exceeds_a_page() {
    let input = "x".repeat(6 * 1024 * 1024);
    let mut harness = Harness::with(StartExecution { input: Some(input), ..request() }, Settings::default());
    harness.record(steps(2, 1));
    harness.fail("Runtime.ExitError");

    let state = &harness.last_invocation().input.initial_execution_state;
    let (rest, _) = read(&harness, state.next_marker.clone(), None);

    assert_eq!(ids(&state.operations), ["0b1c"]);
    assert_eq!(ids(&rest), ["s0000", "s0001"]);
}

#[test]
fn the_response_to_a_checkpoint_is_paginated() {
    let settings = Settings { response_page_items: 2, ..Settings::default() };
    let mut harness = Harness::with(request(), settings);
    harness.record(vec![U::start_step("before")]);

    let response = harness.checkpoint(steps(5, 1)).unwrap();
    let state = response.new_execution_state;
    let (rest, _) = read(&harness, state.next_marker.clone(), Some(2));

    assert_eq!(ids(&state.operations), ["s0000", "s0001"]);
    assert_eq!(ids(&rest), ["s0002", "s0003", "s0004"]);
}

#[test]
fn a_response_without_a_token_has_no_further_pages() {
    let settings = Settings { response_page_items: 1, ..Settings::default() };
    let mut harness = Harness::with(request(), settings);
    let mut updates = steps(3, 1);
    updates.push(U::succeed("x", durable_types::OperationType::Execution, None));

    let response = harness.checkpoint(updates).unwrap();

    assert_eq!(response.new_execution_state.next_marker, None);
}

#[test]
fn changes_between_two_pages_are_returned_by_the_next_checkpoint() {
    let settings = Settings { invocation_page_items: 2, ..Settings::default() };
    let mut harness = Harness::with(request(), settings);
    harness.record(vec![U::start_wait("v", 10), U::start_wait("w", 20), U::start_wait("x", 30)]);
    harness.answer(PENDING);
    harness.elapse(10);
    let marker = harness.last_invocation().input.initial_execution_state.next_marker.clone();

    harness.elapse(10);
    let (rest, _) = read(&harness, marker, None);
    let reported = harness.record(vec![]);

    assert_eq!(rest[0].status.as_str(), "SUCCEEDED");
    assert_eq!(ids(&reported), ["w"]);
}

#[test]
fn a_malformed_marker_is_rejected() {
    let harness = Harness::new();
    for marker in ["x", "1", "1:", ":1", "-1:0", "0:99999999999999999999999"] {
        let error = harness.state_page(Some(marker.to_owned()), None).unwrap_err();

        assert_eq!(error.kind.as_str(), "InvalidParameterValueException");
        assert_eq!(error.message, "Invalid marker");
    }
    assert_eq!(
        harness.state_page(Some(String::new()), None).unwrap().operations.len(),
        1,
        "an empty one is none"
    );
    assert_eq!(harness.state_page(Some("0:7".to_owned()), None).unwrap().operations, []);
}
