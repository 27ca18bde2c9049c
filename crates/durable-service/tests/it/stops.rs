//! Stopping executions.

use durable_service::{Command, Reply, history};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, ExecutionStatus, OperationUpdate as U, Timestamp};

use crate::harness::{Harness, PENDING, SUCCEEDED};

fn stop(harness: &mut Harness, error: Option<ErrorObject>) -> Timestamp {
    let Reply::Stopped(at) = harness.handle(Command::Stop { error }).unwrap() else {
        panic!("the reply is not that of a stop");
    };
    at
}

#[test]
fn a_stop_ends_the_execution_and_leaves_its_operations_unchanged() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a"), U::start_wait("w", 60)]);
    harness.answer(PENDING);
    let error = ErrorObject::new("Recall", "not any more");

    let at = stop(&mut harness, Some(error.clone()));

    assert_eq!(at, harness.now);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Stopped);
    assert_eq!(harness.execution.error(), Some(&error));
    assert_eq!(harness.execution.end_timestamp(), Some(at));
    assert_eq!(
        (harness.status("a"), harness.status("w")),
        ("STARTED", "STARTED"),
        "operations are unchanged"
    );
    assert_eq!((harness.due_in(), harness.closed), (None, 1));
    let reported = history(&harness.events);
    let EventDetails::ExecutionStopped(details) = &reported.last().unwrap().details else {
        panic!("{reported:?}")
    };
    assert_eq!(details.error.payload.as_ref(), Some(&error));
}

#[test]
fn a_stop_without_a_reason_has_a_default_message() {
    let mut harness = Harness::new();

    stop(&mut harness, None);

    let error = harness.execution.error().unwrap();
    assert_eq!(error.error_message.as_deref(), Some("Execution stopped by user request"));
}

#[test]
fn a_stop_revokes_the_token_of_the_invocation_in_flight() {
    let mut harness = Harness::new();
    stop(&mut harness, None);

    let rejected = harness.checkpoint(vec![U::start_step("a")]).unwrap_err();
    assert_eq!(rejected.message, "Invalid checkpoint token");

    harness.answer(SUCCEEDED);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Stopped, "its response does not count");
}

#[test]
fn a_stop_does_not_affect_an_ended_execution() {
    let mut harness = Harness::new();
    harness.answer(SUCCEEDED);
    let (before, ended_at) = (harness.execution.clone(), harness.now);
    harness.advance(5);

    assert_eq!(stop(&mut harness, None), ended_at);

    assert_eq!(harness.execution, before);
}

#[test]
fn stopping_is_idempotent() {
    let mut harness = Harness::new();
    let first = stop(&mut harness, None);
    harness.advance(5);

    assert_eq!(stop(&mut harness, Some(ErrorObject::new("E", "again"))), first);

    assert_eq!(harness.closed, 1);
}

#[test]
fn an_overdue_execution_times_out_instead_of_being_stopped() {
    let mut harness = Harness::new();
    harness.advance(3_600);

    stop(&mut harness, None);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
}
