//! Stopping executions.

use durable_service::{Command, Reply, history};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, ExecutionStatus, OperationUpdate as U, Timestamp};

use crate::lab::{Lab, PENDING, SUCCEEDED};

fn stop(lab: &mut Lab, error: Option<ErrorObject>) -> Timestamp {
    let Reply::Stopped(at) = lab.handle(Command::Stop { error }).unwrap() else {
        panic!("the reply is not that of a stop");
    };
    at
}

#[test]
fn a_stop_ends_the_execution_and_leaves_its_operations_unchanged() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a"), U::start_wait("w", 60)]);
    lab.answer(PENDING);
    let error = ErrorObject::new("Recall", "not any more");

    let at = stop(&mut lab, Some(error.clone()));

    assert_eq!(at, lab.now);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Stopped);
    assert_eq!(lab.execution.error(), Some(&error));
    assert_eq!(lab.execution.end_timestamp(), Some(at));
    assert_eq!((lab.status("a"), lab.status("w")), ("STARTED", "STARTED"), "operations are unchanged");
    assert_eq!((lab.due_in(), lab.closed), (None, 1));
    let reported = history(&lab.events);
    let EventDetails::ExecutionStopped(details) = &reported.last().unwrap().details else {
        panic!("{reported:?}")
    };
    assert_eq!(details.error.payload.as_ref(), Some(&error));
}

#[test]
fn a_stop_without_a_reason_has_a_default_message() {
    let mut lab = Lab::new();

    stop(&mut lab, None);

    let error = lab.execution.error().unwrap();
    assert_eq!(error.error_message.as_deref(), Some("Execution stopped by user request"));
}

#[test]
fn a_stop_revokes_the_token_of_the_invocation_in_flight() {
    let mut lab = Lab::new();
    stop(&mut lab, None);

    let rejected = lab.checkpoint(vec![U::start_step("a")]).unwrap_err();
    assert_eq!(rejected.message, "Invalid checkpoint token");

    lab.answer(SUCCEEDED);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Stopped, "its response does not count");
}

#[test]
fn a_stop_does_not_affect_an_ended_execution() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);
    let (before, ended_at) = (lab.execution.clone(), lab.now);
    lab.advance(5);

    assert_eq!(stop(&mut lab, None), ended_at);

    assert_eq!(lab.execution, before);
}

#[test]
fn stopping_is_idempotent() {
    let mut lab = Lab::new();
    let first = stop(&mut lab, None);
    lab.advance(5);

    assert_eq!(stop(&mut lab, Some(ErrorObject::new("E", "again"))), first);

    assert_eq!(lab.closed, 1);
}

#[test]
fn an_overdue_execution_times_out_instead_of_being_stopped() {
    let mut lab = Lab::new();
    lab.advance(3_600);

    stop(&mut lab, None);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
}
