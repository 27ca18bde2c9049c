//! Executions that are stopped from outside.

use durable_service::{Command, Reply, history};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, ExecutionStatus, OperationUpdate as U, Timestamp};

use crate::lab::{Lab, PENDING, SUCCEEDED};

fn stop(lab: &mut Lab, error: Option<ErrorObject>) -> Timestamp {
    let Reply::Stopped(at) = lab.handle(Command::Stop { error }).unwrap() else {
        panic!("a stop is answered as one");
    };
    at
}

#[test]
fn a_stop_ends_the_execution_where_it_is() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a"), U::start_wait("w", 60)]);
    lab.answer(PENDING);
    let error = ErrorObject::new("Recall", "not any more");

    let at = stop(&mut lab, Some(error.clone()));

    assert_eq!(at, lab.now);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Stopped);
    assert_eq!(lab.execution.error(), Some(&error));
    assert_eq!(lab.execution.end_timestamp(), Some(at));
    assert_eq!((lab.status("a"), lab.status("w")), ("STARTED", "STARTED"), "operations stay as they are");
    assert_eq!((lab.due_in(), lab.closed), (None, 1));
    let told = history(&lab.events);
    let EventDetails::ExecutionStopped(details) = &told.last().unwrap().details else { panic!("{told:?}") };
    assert_eq!(details.error.payload.as_ref(), Some(&error));
}

#[test]
fn a_stop_without_reason_has_a_standard_one() {
    let mut lab = Lab::new();

    stop(&mut lab, None);

    let error = lab.execution.error().unwrap();
    assert_eq!(error.error_message.as_deref(), Some("Execution stopped by user request"));
}

#[test]
fn a_stop_revokes_the_token_of_the_invocation_in_flight() {
    let mut lab = Lab::new();
    stop(&mut lab, None);

    let refused = lab.checkpoint(vec![U::start_step("a")]).unwrap_err();
    assert_eq!(refused.message, "Invalid checkpoint token");

    lab.answer(SUCCEEDED);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Stopped, "what it answers does not count");
}

#[test]
fn an_execution_that_has_ended_stays_as_it_is() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);
    let (before, ended_at) = (lab.execution.clone(), lab.now);
    lab.advance(5);

    assert_eq!(stop(&mut lab, None), ended_at);

    assert_eq!(lab.execution, before);
}

#[test]
fn a_stop_twice_is_one_stop() {
    let mut lab = Lab::new();
    let first = stop(&mut lab, None);
    lab.advance(5);

    assert_eq!(stop(&mut lab, Some(ErrorObject::new("E", "again"))), first);

    assert_eq!(lab.closed, 1);
}

#[test]
fn an_execution_whose_time_was_up_before_the_stop_has_timed_out() {
    let mut lab = Lab::new();
    lab.advance(3_600);

    stop(&mut lab, None);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
}
