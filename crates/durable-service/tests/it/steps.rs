//! Steps: attempts, retries and polled conditions.

use durable_types::OperationType::Step;
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, Operation, OperationUpdate as U, StepDetails};

use crate::harness::{Harness, PENDING};

fn error() -> ErrorObject {
    ErrorObject::new("PaymentError", "declined")
}

fn details(operation: &Operation) -> StepDetails {
    operation.step_details().unwrap().clone()
}

fn retried(delay_seconds: u64) -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a")]);
    harness.record(vec![U::retry_with_error("a", Step, error(), Some(delay_seconds))]);
    harness
}

#[test]
fn a_step_starts_and_succeeds() {
    let mut harness = Harness::new();

    let started = harness.record(vec![U::start_step("a").with_name("charge")]);
    harness.advance(2);
    let succeeded = harness.record(vec![U::succeed("a", Step, Some("1".to_owned()))]);

    assert_eq!(started[0].status.as_str(), "STARTED");
    assert_eq!(details(&started[0]).attempt, Some(0));
    assert_eq!(started[0].end_timestamp, None);
    assert_eq!(succeeded[0].status.as_str(), "SUCCEEDED");
    assert_eq!(succeeded[0].name.as_deref(), Some("charge"));
    assert_eq!(succeeded[0].start_timestamp, started[0].start_timestamp);
    assert_eq!(succeeded[0].end_timestamp, Some(harness.now));
    assert_eq!(details(&succeeded[0]).attempt, Some(1));
    assert_eq!(details(&succeeded[0]).result.as_deref(), Some("1"));
}

#[test]
fn a_step_starts_and_ends_in_one_checkpoint() {
    let mut harness = Harness::new();

    let operations = harness.record(vec![U::start_step("a"), U::fail("a", Step, error())]);

    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0].status.as_str(), "FAILED");
    assert_eq!(details(&operations[0]).error.as_deref(), Some(&error()));
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "StepStarted a", "StepFailed a"]);
}

#[test]
fn a_step_may_be_closed_without_a_start() {
    let mut harness = Harness::new();

    let operations = harness.record(vec![U::succeed("a", Step, Some("1".to_owned())).with_name("charge")]);

    assert_eq!(operations[0].status.as_str(), "SUCCEEDED");
    assert_eq!(details(&operations[0]).attempt, Some(1));
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "StepSucceeded a"]);
}

#[test]
fn a_failed_attempt_waits_for_the_next() {
    let mut harness = retried(5);

    let step = harness.execution.operation("a").unwrap();
    let due = harness.now.saturating_add(std::time::Duration::from_secs(5));

    assert_eq!(step.status.as_str(), "PENDING");
    assert_eq!(details(step).attempt, Some(1));
    assert_eq!(details(step).error.as_deref(), Some(&error()));
    assert_eq!(details(step).next_attempt_timestamp, Some(due));
    assert_eq!(harness.execution.next_due(), Some(due));
    harness.answer(PENDING);
    assert!(!harness.is_busy());
}

#[test]
fn a_step_becomes_ready_when_due_and_the_function_is_invoked() {
    let mut harness = retried(5);
    harness.answer(PENDING);

    harness.elapse(4);
    assert_eq!(harness.status("a"), "PENDING");
    harness.elapse(1);

    assert_eq!(harness.status("a"), "READY");
    let input = &harness.last_invocation().input;
    let step = &input.initial_execution_state.operations[1];
    assert_eq!(input.updated_operation_ids.as_deref(), Some(&["a".into()][..]));
    assert_eq!(details(step).next_attempt_timestamp, None);
    assert_eq!(details(step).error.as_deref(), Some(&error()));
}

#[test]
fn attempts_are_counted_until_the_step_ends() {
    let mut harness = retried(5);
    harness.elapse(5);
    harness.record(vec![U::start_step("a")]);
    harness.record(vec![U::retry_with_error("a", Step, error(), Some(7))]);
    harness.elapse(7);

    let operations = harness.record(vec![U::start_step("a"), U::succeed("a", Step, Some("1".to_owned()))]);

    assert_eq!(details(&operations[0]).attempt, Some(3));
    assert_eq!(details(&operations[0]).error, None);
    let reported = durable_service::history(&harness.events);
    let attempts: Vec<_> = reported
        .iter()
        .filter_map(|event| match &event.details {
            EventDetails::StepFailed(failed) => Some(failed.retry_details),
            EventDetails::StepSucceeded(succeeded) => Some(succeeded.retry_details),
            _ => None,
        })
        .map(|retry| (retry.current_attempt.unwrap(), retry.next_attempt_delay_seconds))
        .collect();
    assert_eq!(attempts, [(1, Some(5)), (2, Some(7)), (3, None)]);
}

#[test]
fn a_condition_that_does_not_hold_yet_keeps_its_state_and_counts_as_success() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("c").with_sub_type("WaitForCondition")]);

    harness.record(vec![U::retry("c", Step, Some("{\"n\":1}".to_owned()), Some(2))]);
    harness.answer(PENDING);
    harness.elapse(2);

    let polled = &harness.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(polled.status.as_str(), "READY");
    assert_eq!(details(polled).result.as_deref(), Some("{\"n\":1}"));
    let reported = durable_service::history(&harness.events);
    let EventDetails::StepSucceeded(succeeded) = &reported[2].details else {
        panic!("a poll is a success in the history, but was {:?}", reported[2]);
    };
    assert_eq!(succeeded.result.payload.as_deref(), Some("{\"n\":1}"));
    assert_eq!(succeeded.retry_details.current_attempt, Some(1));
    assert_eq!(succeeded.retry_details.next_attempt_delay_seconds, Some(2));

    let started = harness.record(vec![U::start_step("c").with_sub_type("WaitForCondition")]);
    assert_eq!(details(&started[0]).result.as_deref(), Some("{\"n\":1}"), "the state survives the start");
}

#[test]
fn the_history_omits_ready() {
    let mut harness = retried(5);

    harness.elapse(5);

    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "StepStarted a", "StepFailed a"]);
}

#[test]
fn a_ready_step_may_end_without_another_start() {
    let mut harness = retried(5);
    harness.elapse(5);

    let operations = harness.record(vec![U::fail("a", Step, error())]);

    assert_eq!(operations[0].status.as_str(), "FAILED");
    assert_eq!(details(&operations[0]).attempt, Some(2));
}

#[test]
fn a_lost_invocation_does_not_use_up_an_attempt() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a")]);

    harness.fail("Runtime.ExitError");

    let step = &harness.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(step.status.as_str(), "STARTED");
    assert_eq!(details(step).attempt, Some(0));
}
