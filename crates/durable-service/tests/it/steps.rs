//! Steps: attempts, retries and polled conditions.

use durable_types::OperationType::Step;
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, Operation, OperationUpdate as U, StepDetails};

use crate::lab::{Lab, PENDING};

fn error() -> ErrorObject {
    ErrorObject::new("PaymentError", "declined")
}

fn details(operation: &Operation) -> StepDetails {
    operation.step_details.as_deref().unwrap().clone()
}

fn retried(delay_seconds: u64) -> Lab {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a")]);
    lab.record(vec![U::retry_with_error("a", Step, error(), Some(delay_seconds))]);
    lab
}

#[test]
fn a_step_starts_and_succeeds() {
    let mut lab = Lab::new();

    let started = lab.record(vec![U::start_step("a").with_name("charge")]);
    lab.advance(2);
    let succeeded = lab.record(vec![U::succeed("a", Step, Some("1".to_owned()))]);

    assert_eq!(started[0].status.as_str(), "STARTED");
    assert_eq!(details(&started[0]).attempt, Some(0));
    assert_eq!(started[0].end_timestamp, None);
    assert_eq!(succeeded[0].status.as_str(), "SUCCEEDED");
    assert_eq!(succeeded[0].name.as_deref(), Some("charge"));
    assert_eq!(succeeded[0].start_timestamp, started[0].start_timestamp);
    assert_eq!(succeeded[0].end_timestamp, Some(lab.now));
    assert_eq!(details(&succeeded[0]).attempt, Some(1));
    assert_eq!(details(&succeeded[0]).result.as_deref(), Some("1"));
}

#[test]
fn a_step_starts_and_ends_in_one_checkpoint() {
    let mut lab = Lab::new();

    let operations = lab.record(vec![U::start_step("a"), U::fail("a", Step, error())]);

    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0].status.as_str(), "FAILED");
    assert_eq!(details(&operations[0]).error.as_deref(), Some(&error()));
    assert_eq!(lab.history(), ["ExecutionStarted 0b1c", "StepStarted a", "StepFailed a"]);
}

#[test]
fn a_step_may_be_closed_without_a_start() {
    let mut lab = Lab::new();

    let operations = lab.record(vec![U::succeed("a", Step, Some("1".to_owned())).with_name("charge")]);

    assert_eq!(operations[0].status.as_str(), "SUCCEEDED");
    assert_eq!(details(&operations[0]).attempt, Some(1));
    assert_eq!(lab.history(), ["ExecutionStarted 0b1c", "StepSucceeded a"]);
}

#[test]
fn a_failed_attempt_waits_for_the_next() {
    let mut lab = retried(5);

    let step = lab.execution.operation("a").unwrap();
    let due = lab.now.saturating_add(std::time::Duration::from_secs(5));

    assert_eq!(step.status.as_str(), "PENDING");
    assert_eq!(details(step).attempt, Some(1));
    assert_eq!(details(step).error.as_deref(), Some(&error()));
    assert_eq!(details(step).next_attempt_timestamp, Some(due));
    assert_eq!(lab.execution.next_due(), Some(due));
    lab.answer(PENDING);
    assert!(!lab.is_busy());
}

#[test]
fn a_step_becomes_ready_when_due_and_the_function_is_invoked() {
    let mut lab = retried(5);
    lab.answer(PENDING);

    lab.elapse(4);
    assert_eq!(lab.status("a"), "PENDING");
    lab.elapse(1);

    assert_eq!(lab.status("a"), "READY");
    let input = &lab.last_invocation().input;
    let step = &input.initial_execution_state.operations[1];
    assert_eq!(input.updated_operation_ids.as_deref(), Some(&["a".into()][..]));
    assert_eq!(details(step).next_attempt_timestamp, None);
    assert_eq!(details(step).error.as_deref(), Some(&error()));
}

#[test]
fn attempts_are_counted_until_the_step_ends() {
    let mut lab = retried(5);
    lab.elapse(5);
    lab.record(vec![U::start_step("a")]);
    lab.record(vec![U::retry_with_error("a", Step, error(), Some(7))]);
    lab.elapse(7);

    let operations = lab.record(vec![U::start_step("a"), U::succeed("a", Step, Some("1".to_owned()))]);

    assert_eq!(details(&operations[0]).attempt, Some(3));
    assert_eq!(details(&operations[0]).error, None);
    let reported = durable_service::history(&lab.events);
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
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("c").with_sub_type("WaitForCondition")]);

    lab.record(vec![U::retry("c", Step, Some("{\"n\":1}".to_owned()), Some(2))]);
    lab.answer(PENDING);
    lab.elapse(2);

    let polled = &lab.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(polled.status.as_str(), "READY");
    assert_eq!(details(polled).result.as_deref(), Some("{\"n\":1}"));
    let reported = durable_service::history(&lab.events);
    let EventDetails::StepSucceeded(succeeded) = &reported[2].details else {
        panic!("a poll is a success in the history, but was {:?}", reported[2]);
    };
    assert_eq!(succeeded.result.payload.as_deref(), Some("{\"n\":1}"));
    assert_eq!(succeeded.retry_details.current_attempt, Some(1));
    assert_eq!(succeeded.retry_details.next_attempt_delay_seconds, Some(2));

    let started = lab.record(vec![U::start_step("c").with_sub_type("WaitForCondition")]);
    assert_eq!(details(&started[0]).result.as_deref(), Some("{\"n\":1}"), "the state survives the start");
}

#[test]
fn the_history_omits_ready() {
    let mut lab = retried(5);

    lab.elapse(5);

    assert_eq!(lab.history(), ["ExecutionStarted 0b1c", "StepStarted a", "StepFailed a"]);
}

#[test]
fn a_ready_step_may_end_without_another_start() {
    let mut lab = retried(5);
    lab.elapse(5);

    let operations = lab.record(vec![U::fail("a", Step, error())]);

    assert_eq!(operations[0].status.as_str(), "FAILED");
    assert_eq!(details(&operations[0]).attempt, Some(2));
}

#[test]
fn a_lost_invocation_does_not_use_up_an_attempt() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a")]);

    lab.fail("Runtime.ExitError");

    let step = &lab.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(step.status.as_str(), "STARTED");
    assert_eq!(details(step).attempt, Some(0));
}
