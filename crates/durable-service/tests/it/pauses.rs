//! Pausing and resuming executions.

use durable_service::{
    CallbackAnswer, ChainedInvokeEnd, Command, Execution, FunctionKind, InvocationEnd, history,
};
use durable_types::api::{PauseRequest, ResumeRequest, ServiceError};
use durable_types::history::{EventDetails, ExecutionPausedDetails, ExecutionResumedDetails};
use durable_types::{ErrorObject, ExecutionStatus, OperationType, OperationUpdate as U};

use crate::lab::{Lab, PENDING, SUCCEEDED, arn, ids};

const CAP: u64 = 31_622_400;

fn pause_request(token: Option<&str>) -> PauseRequest {
    let mut request = PauseRequest::new(arn());
    request.client_token = token.map(str::to_owned);
    request.reason = Some("a release".to_owned());
    request
}

fn resume_request(token: Option<&str>) -> ResumeRequest {
    let mut request = ResumeRequest::new(arn());
    request.client_token = token.map(str::to_owned);
    request.reason = Some("released".to_owned());
    request
}

fn pause(lab: &mut Lab) {
    lab.handle(Command::Pause(pause_request(None))).unwrap();
}

fn resume(lab: &mut Lab) {
    lab.handle(Command::Resume(resume_request(None))).unwrap();
}

/// Creates an execution that waits for a minute, with nothing in flight.
fn waiting() -> Lab {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 60)]);
    lab.answer(PENDING);
    lab
}

fn conflict(rejected: Result<durable_service::Reply, ServiceError>) -> String {
    let error = rejected.unwrap_err();
    assert_eq!(error.kind.as_str(), "ResourceConflictException");
    error.message
}

#[test]
fn an_execution_without_an_invocation_is_paused_at_once() {
    let mut lab = waiting();

    pause(&mut lab);

    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
    let details = lab.execution.pause_details().unwrap();
    assert_eq!(details.pause_request_timestamp, lab.now);
    assert_eq!(details.reason.as_deref(), Some("a release"));
    assert!(details.execution_timeout_paused);
}

#[test]
fn an_execution_with_an_invocation_is_pausing_until_the_next_checkpoint() {
    let mut lab = Lab::new();

    pause(&mut lab);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Pausing);
    lab.advance(5);
    let response = lab.checkpoint(vec![U::start_step("a")]).unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(response.new_execution_state.operations, []);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
    assert_eq!(lab.status("a"), "STARTED", "the updates are recorded");
}

#[test]
fn a_pause_takes_effect_when_the_invocation_ends_without_a_checkpoint() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 60)]);
    pause(&mut lab);

    lab.answer(PENDING);

    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
}

#[test]
fn a_result_counts_while_the_execution_is_pausing() {
    let mut lab = Lab::new();
    pause(&mut lab);

    lab.answer(SUCCEEDED);

    assert_eq!(lab.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(lab.execution.pause_details(), None);
    let reported = ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionSucceeded 0b1c"];
    assert_eq!(lab.history(), reported, "the pause never took effect");
}

#[test]
fn a_checkpoint_that_ends_the_execution_takes_precedence_over_a_pause() {
    let mut lab = Lab::new();
    pause(&mut lab);

    lab.record(vec![U::succeed("end", OperationType::Execution, Some("1".to_owned()))]);

    assert_eq!(lab.execution_status(), &ExecutionStatus::Succeeded);
}

#[test]
fn an_interrupted_invocation_can_neither_record_nor_read_nor_retry() {
    let mut lab = Lab::new();
    pause(&mut lab);
    let request = lab.request(vec![U::start_step("a")], Some("one"));
    lab.send(request.clone()).unwrap();
    let next = lab.execution.clone();

    let repeated = lab.send(request).unwrap_err();
    let read = lab.state_page(None, None).unwrap_err();

    assert_eq!(
        (repeated.message.as_str(), read.message.as_str()),
        ("Invalid checkpoint token", "Invalid checkpoint token")
    );
    assert_eq!(lab.execution, next);
}

#[test]
fn an_interrupted_invocation_may_return_pending_and_is_repeated_after_the_pause() {
    let mut lab = Lab::new();
    pause(&mut lab);
    lab.record(vec![U::start_step("a"), U::succeed("a", OperationType::Step, None)]);

    lab.answer(PENDING);
    assert_eq!((lab.execution_status(), lab.is_busy()), (&ExecutionStatus::Paused, false));
    lab.elapse(100);
    assert!(!lab.is_busy(), "a paused execution is not invoked");
    resume(&mut lab);

    assert_eq!((lab.execution_status(), lab.is_busy()), (&ExecutionStatus::Running, true));
    assert_eq!(ids(&lab.last_invocation().input.initial_execution_state.operations), ["0b1c", "a"]);
}

#[test]
fn an_interrupted_invocation_that_outlives_the_pause_is_repeated_when_it_ends() {
    let mut lab = Lab::new();
    pause(&mut lab);
    lab.record(vec![U::start_step("a")]);
    resume(&mut lab);
    assert_eq!(lab.invocations.len(), 1, "one invocation at a time");
    let guessed = lab.execution.clone();
    let mut request = lab.request(vec![], None);
    request.checkpoint_token = "MGIxYzoxOjE=".to_owned();
    assert_eq!(lab.send(request).unwrap_err().message, "Invalid checkpoint token");
    assert_eq!(lab.execution, guessed);

    lab.answer(PENDING);

    assert_eq!(lab.invocations.len(), 2);
    assert!(lab.is_busy());
}

#[test]
fn timers_fire_during_a_pause_and_are_reported_after_it() {
    let mut lab = waiting();
    pause(&mut lab);

    assert_eq!(lab.due_in(), Some(60));
    lab.elapse(60);
    assert_eq!((lab.status("w"), lab.is_busy()), ("SUCCEEDED", false));
    resume(&mut lab);

    assert!(lab.is_busy());
    assert_eq!(lab.last_invocation().input.updated_operation_ids, Some(vec!["w".into()]));
}

#[test]
fn callbacks_are_answered_and_time_out_during_a_pause() {
    let mut lab = Lab::new();
    let started =
        lab.record(vec![U::start_callback("k", None, None), U::start_callback("l", Some(30), None)]);
    let callback_id = started[0].callback_details.as_ref().unwrap().callback_id.clone().unwrap();
    lab.answer(PENDING);
    pause(&mut lab);

    let answer = CallbackAnswer::Succeeded(Some("yes".to_owned()));
    lab.handle(Command::Callback { callback_id, answer }).unwrap();
    lab.elapse(30);
    assert_eq!((lab.status("k"), lab.status("l"), lab.is_busy()), ("SUCCEEDED", "TIMED_OUT", false));
    resume(&mut lab);

    let news = lab.last_invocation().input.updated_operation_ids.clone();
    assert_eq!(news, Some(vec!["k".into(), "l".into()]));
}

#[test]
fn a_resume_without_a_delta_does_not_invoke() {
    let mut lab = waiting();
    pause(&mut lab);
    lab.advance(5);

    resume(&mut lab);

    assert_eq!((lab.execution_status(), lab.is_busy()), (&ExecutionStatus::Running, false));
    assert_eq!((lab.due_in(), lab.execution.pause_details()), (Some(55), None));
}

#[test]
fn a_pause_resumed_before_it_takes_effect_leaves_no_trace() {
    let mut lab = Lab::new();
    pause(&mut lab);
    resume(&mut lab);

    let response = lab.checkpoint(vec![U::start_step("a")]).unwrap();

    assert!(response.checkpoint_token.is_some());
    assert_eq!(lab.execution_status(), &ExecutionStatus::Running);
    assert_eq!(lab.history(), ["ExecutionStarted 0b1c", "StepStarted a"]);
}

#[test]
fn the_history_shows_a_pause_with_its_reason() {
    let mut lab = Lab::new();
    pause(&mut lab);
    let requested = lab.now;
    lab.advance(5);
    lab.record(vec![U::start_wait("w", 60)]);
    lab.advance(5);
    resume(&mut lab);

    let reported = history(&lab.events);

    let details: Vec<_> = reported.iter().map(|event| (event.id.as_deref(), event.details.clone())).collect();
    assert_eq!(lab.history()[2..], ["ExecutionPaused 0b1c", "ExecutionResumed 0b1c"]);
    let mut paused = ExecutionPausedDetails::new(requested, true);
    paused.reason = Some(Some("a release".to_owned()).into());
    assert_eq!(details[2], (Some("0b1c"), EventDetails::ExecutionPaused(paused)));
    let mut resumed = ExecutionResumedDetails::new(lab.now);
    resumed.reason = Some(Some("released".to_owned()).into());
    assert_eq!(details[3], (Some("0b1c"), EventDetails::ExecutionResumed(resumed)));
}

#[test]
fn a_pause_suspends_the_execution_timeout() {
    let mut lab = waiting();
    lab.elapse(60);
    lab.answer(PENDING);
    lab.answer(PENDING);
    lab.record(vec![U::start_callback("k", None, None)]);
    lab.answer(PENDING);
    pause(&mut lab);

    assert_eq!(lab.due_in(), Some(CAP - 60), "no execution lasts longer than 366 days");
    lab.elapse(10_000);
    resume(&mut lab);

    assert_eq!(lab.execution_status(), &ExecutionStatus::Running);
    assert_eq!(lab.due_in(), Some(3_600 - 60));
    lab.elapse(3_540);
    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn a_pause_may_keep_the_execution_timeout_running() {
    let mut lab = waiting();
    let mut request = pause_request(None);
    request.execution_timeout_paused = Some(false);
    lab.handle(Command::Pause(request)).unwrap();

    lab.elapse(3_600);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(lab.execution.pause_details(), None);
}

#[test]
fn a_pause_lasts_366_days_at_most() {
    let mut lab = waiting();
    pause(&mut lab);

    lab.elapse(CAP);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn an_invocation_that_fails_during_a_pause_is_retried_after_it() {
    let mut lab = Lab::new();
    pause(&mut lab);
    lab.fail("E");
    assert_eq!((lab.execution_status(), lab.due_in()), (&ExecutionStatus::Paused, Some(CAP)));

    resume(&mut lab);
    assert_eq!((lab.is_busy(), lab.due_in()), (false, Some(1)), "the backoff still counts");
    lab.elapse(1);

    assert!(lab.is_busy());
}

#[test]
fn an_invocation_lost_during_a_pause_is_repeated_after_it() {
    for end in [InvocationEnd::Lost, InvocationEnd::Failed(ErrorObject::new("Runtime.ExitError", "killed"))] {
        let mut lab = Lab::new();
        pause(&mut lab);
        lab.end(end);
        assert_eq!((lab.execution_status(), lab.is_busy()), (&ExecutionStatus::Paused, false));

        resume(&mut lab);

        assert!(lab.is_busy());
    }
}

#[test]
fn a_paused_execution_can_be_stopped() {
    let mut lab = waiting();
    pause(&mut lab);

    lab.handle(Command::Stop { error: None }).unwrap();

    assert_eq!(lab.execution_status(), &ExecutionStatus::Stopped);
    assert_eq!((lab.execution.pause_details(), lab.due_in()), (None, None));
}

#[test]
fn pause_and_resume_are_idempotent() {
    let mut lab = waiting();
    pause(&mut lab);
    let paused = lab.execution.clone();
    lab.advance(5);
    let mut other = PauseRequest::new(arn());
    other.execution_timeout_paused = Some(false);

    lab.handle(Command::Pause(other)).unwrap();
    assert_eq!(lab.execution, paused);
    resume(&mut lab);
    let resumed = lab.execution.clone();
    resume(&mut lab);

    assert_eq!(lab.execution, resumed);
}

#[test]
fn a_late_retry_of_a_pause_does_not_pause_again() {
    let mut lab = waiting();
    lab.handle(Command::Pause(pause_request(Some("p")))).unwrap();
    lab.handle(Command::Resume(resume_request(Some("r")))).unwrap();

    lab.handle(Command::Pause(pause_request(Some("p")))).unwrap();
    assert_eq!(lab.execution_status(), &ExecutionStatus::Running);
    lab.handle(Command::Pause(pause_request(Some("q")))).unwrap();
    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
    lab.handle(Command::Resume(resume_request(Some("r")))).unwrap();
    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
    lab.advance(900);
    lab.handle(Command::Resume(resume_request(Some("r")))).unwrap();

    assert_eq!(lab.execution_status(), &ExecutionStatus::Running, "a client token expires after 15 minutes");
}

#[test]
fn an_execution_that_has_ended_can_be_neither_paused_nor_resumed() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);
    let mut expired = waiting();
    expired.advance(3_600);

    for lab in [&mut lab, &mut expired] {
        let before = lab.execution.clone();
        let paused = conflict(lab.handle(Command::Pause(pause_request(None))));
        let resumed = conflict(lab.handle(Command::Resume(resume_request(None))));

        assert_eq!(paused, "The execution has ended and cannot be paused.");
        assert_eq!(resumed, "The execution has ended and cannot be resumed.");
        assert_eq!(lab.execution, before);
    }
}

#[test]
fn a_pause_survives_a_restart() {
    let mut lab = Lab::new();
    pause(&mut lab);
    lab.execution = Execution::replay(lab.events.clone()).unwrap();
    lab.end(InvocationEnd::Lost);
    lab.execution = Execution::replay(lab.events.clone()).unwrap();

    assert_eq!(lab.execution_status(), &ExecutionStatus::Paused);
    lab.elapse(60);
    assert!(!lab.is_busy());
    resume(&mut lab);
    assert!(lab.is_busy());
}

#[test]
fn the_end_of_a_call_is_recorded_during_a_pause_and_reported_after_it() {
    let mut lab = Lab::new().with_function("tax", FunctionKind::Plain);
    pause(&mut lab);
    lab.record(vec![U::start_invoke("i", "tax", None)]);
    assert_eq!(lab.calls.len(), 1, "the interrupted checkpoint makes its calls");
    lab.answer(PENDING);

    let end = ChainedInvokeEnd::Succeeded(Some("1".to_owned()));
    lab.handle(Command::ChainedInvokeEnded { operation_id: "i".to_owned(), end }).unwrap();
    assert_eq!((lab.status("i"), lab.is_busy()), ("SUCCEEDED", false));
    resume(&mut lab);

    assert_eq!(ids(&lab.last_invocation().input.initial_execution_state.operations), ["0b1c", "i"]);
}
