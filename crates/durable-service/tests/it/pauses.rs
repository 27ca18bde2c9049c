//! Pausing and resuming executions.

use durable_service::{
    CallbackAnswer, ChainedInvokeEnd, Command, Execution, FunctionKind, InvocationEnd, history,
};
use durable_types::api::{PauseRequest, ResumeRequest, ServiceError};
use durable_types::history::{EventDetails, ExecutionPausedDetails, ExecutionResumedDetails};
use durable_types::{ErrorObject, ExecutionStatus, OperationType, OperationUpdate as U};

use crate::harness::{Harness, PENDING, SUCCEEDED, arn, ids};

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

fn pause(harness: &mut Harness) {
    harness.handle(Command::Pause(pause_request(None))).unwrap();
}

fn resume(harness: &mut Harness) {
    harness.handle(Command::Resume(resume_request(None))).unwrap();
}

/// Creates an execution that waits for a minute, with nothing in flight.
fn waiting() -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60)]);
    harness.answer(PENDING);
    harness
}

fn conflict(rejected: Result<durable_service::Reply, ServiceError>) -> String {
    let error = rejected.unwrap_err();
    assert_eq!(error.kind.as_str(), "ResourceConflictException");
    error.message
}

#[test]
fn an_execution_without_an_invocation_is_paused_at_once() {
    let mut harness = waiting();

    pause(&mut harness);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
    let details = harness.execution.pause_details().unwrap();
    assert_eq!(details.pause_request_timestamp, harness.now);
    assert_eq!(details.reason.as_deref(), Some("a release"));
    assert!(details.execution_timeout_paused);
}

#[test]
fn an_execution_with_an_invocation_is_pausing_until_the_next_checkpoint() {
    let mut harness = Harness::new();

    pause(&mut harness);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Pausing);
    harness.advance(5);
    let response = harness.checkpoint(vec![U::start_step("a")]).unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(response.new_execution_state.operations, []);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
    assert_eq!(harness.status("a"), "STARTED", "the updates are recorded");
}

#[test]
fn a_pause_takes_effect_when_the_invocation_ends_without_a_checkpoint() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60)]);
    pause(&mut harness);

    harness.answer(PENDING);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
}

#[test]
fn a_result_counts_while_the_execution_is_pausing() {
    let mut harness = Harness::new();
    pause(&mut harness);

    harness.answer(SUCCEEDED);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(harness.execution.pause_details(), None);
    let reported = ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionSucceeded 0b1c"];
    assert_eq!(harness.history(), reported, "the pause never took effect");
}

#[test]
fn a_checkpoint_that_ends_the_execution_takes_precedence_over_a_pause() {
    let mut harness = Harness::new();
    pause(&mut harness);

    harness.record(vec![U::succeed("end", OperationType::Execution, Some("1".to_owned()))]);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
}

#[test]
fn an_interrupted_invocation_can_neither_record_nor_read_nor_retry() {
    let mut harness = Harness::new();
    pause(&mut harness);
    let request = harness.request(vec![U::start_step("a")], Some("one"));
    harness.send(request.clone()).unwrap();
    let next = harness.execution.clone();

    let repeated = harness.send(request).unwrap_err();
    let read = harness.state_page(None, None).unwrap_err();

    assert_eq!(
        (repeated.message.as_str(), read.message.as_str()),
        ("Invalid checkpoint token", "Invalid checkpoint token")
    );
    assert_eq!(harness.execution, next);
}

#[test]
fn an_interrupted_invocation_may_return_pending_and_is_repeated_after_the_pause() {
    let mut harness = Harness::new();
    pause(&mut harness);
    harness.record(vec![U::start_step("a"), U::succeed("a", OperationType::Step, None)]);

    harness.answer(PENDING);
    assert_eq!((harness.execution_status(), harness.is_busy()), (&ExecutionStatus::Paused, false));
    harness.elapse(100);
    assert!(!harness.is_busy(), "a paused execution is not invoked");
    resume(&mut harness);

    assert_eq!((harness.execution_status(), harness.is_busy()), (&ExecutionStatus::Running, true));
    assert_eq!(ids(&harness.last_invocation().input.initial_execution_state.operations), ["0b1c", "a"]);
}

#[test]
fn an_interrupted_invocation_that_outlives_the_pause_is_repeated_when_it_ends() {
    let mut harness = Harness::new();
    pause(&mut harness);
    harness.record(vec![U::start_step("a")]);
    resume(&mut harness);
    assert_eq!(harness.invocations.len(), 1, "one invocation at a time");
    let guessed = harness.execution.clone();
    let mut request = harness.request(vec![], None);
    request.checkpoint_token = "MGIxYzoxOjE=".to_owned();
    assert_eq!(harness.send(request).unwrap_err().message, "Invalid checkpoint token");
    assert_eq!(harness.execution, guessed);

    harness.answer(PENDING);

    assert_eq!(harness.invocations.len(), 2);
    assert!(harness.is_busy());
}

#[test]
fn timers_fire_during_a_pause_and_are_reported_after_it() {
    let mut harness = waiting();
    pause(&mut harness);

    assert_eq!(harness.due_in(), Some(60));
    harness.elapse(60);
    assert_eq!((harness.status("w"), harness.is_busy()), ("SUCCEEDED", false));
    resume(&mut harness);

    assert!(harness.is_busy());
    assert_eq!(harness.last_invocation().input.updated_operation_ids, Some(vec!["w".into()]));
}

#[test]
fn callbacks_are_answered_and_time_out_during_a_pause() {
    let mut harness = Harness::new();
    let started =
        harness.record(vec![U::start_callback("k", None, None), U::start_callback("l", Some(30), None)]);
    let callback_id = started[0].callback_details().unwrap().callback_id.clone().unwrap();
    harness.answer(PENDING);
    pause(&mut harness);

    let answer = CallbackAnswer::Succeeded(Some("yes".to_owned()));
    harness.handle(Command::Callback { callback_id, answer }).unwrap();
    harness.elapse(30);
    assert_eq!(
        (harness.status("k"), harness.status("l"), harness.is_busy()),
        ("SUCCEEDED", "TIMED_OUT", false)
    );
    resume(&mut harness);

    let news = harness.last_invocation().input.updated_operation_ids.clone();
    assert_eq!(news, Some(vec!["k".into(), "l".into()]));
}

#[test]
fn a_resume_without_a_delta_does_not_invoke() {
    let mut harness = waiting();
    pause(&mut harness);
    harness.advance(5);

    resume(&mut harness);

    assert_eq!((harness.execution_status(), harness.is_busy()), (&ExecutionStatus::Running, false));
    assert_eq!((harness.due_in(), harness.execution.pause_details()), (Some(55), None));
}

#[test]
fn a_pause_resumed_before_it_takes_effect_leaves_no_trace() {
    let mut harness = Harness::new();
    pause(&mut harness);
    resume(&mut harness);

    let response = harness.checkpoint(vec![U::start_step("a")]).unwrap();

    assert!(response.checkpoint_token.is_some());
    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "StepStarted a"]);
}

#[test]
fn the_history_shows_a_pause_with_its_reason() {
    let mut harness = Harness::new();
    pause(&mut harness);
    let requested = harness.now;
    harness.advance(5);
    harness.record(vec![U::start_wait("w", 60)]);
    harness.advance(5);
    resume(&mut harness);

    let reported = history(&harness.events);

    let details: Vec<_> = reported.iter().map(|event| (event.id.as_deref(), event.details.clone())).collect();
    assert_eq!(harness.history()[2..], ["ExecutionPaused 0b1c", "ExecutionResumed 0b1c"]);
    let mut paused = ExecutionPausedDetails::new(requested, true);
    paused.reason = Some(Some("a release".to_owned()).into());
    assert_eq!(details[2], (Some("0b1c"), EventDetails::ExecutionPaused(paused)));
    let mut resumed = ExecutionResumedDetails::new(harness.now);
    resumed.reason = Some(Some("released".to_owned()).into());
    assert_eq!(details[3], (Some("0b1c"), EventDetails::ExecutionResumed(resumed)));
}

#[test]
fn a_pause_suspends_the_execution_timeout() {
    let mut harness = waiting();
    harness.elapse(60);
    harness.answer(PENDING);
    harness.answer(PENDING);
    harness.record(vec![U::start_callback("k", None, None)]);
    harness.answer(PENDING);
    pause(&mut harness);

    assert_eq!(harness.due_in(), Some(CAP - 60), "no execution lasts longer than 366 days");
    harness.elapse(10_000);
    resume(&mut harness);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
    assert_eq!(harness.due_in(), Some(3_600 - 60));
    harness.elapse(3_540);
    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn a_pause_may_keep_the_execution_timeout_running() {
    let mut harness = waiting();
    let mut request = pause_request(None);
    request.execution_timeout_paused = Some(false);
    harness.handle(Command::Pause(request)).unwrap();

    harness.elapse(3_600);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(harness.execution.pause_details(), None);
}

#[test]
fn a_pause_lasts_366_days_at_most() {
    let mut harness = waiting();
    pause(&mut harness);

    harness.elapse(CAP);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn an_invocation_that_fails_during_a_pause_is_retried_after_it() {
    let mut harness = Harness::new();
    pause(&mut harness);
    harness.fail("E");
    assert_eq!((harness.execution_status(), harness.due_in()), (&ExecutionStatus::Paused, Some(CAP)));

    resume(&mut harness);
    assert_eq!((harness.is_busy(), harness.due_in()), (false, Some(1)), "the backoff still counts");
    harness.elapse(1);

    assert!(harness.is_busy());
}

#[test]
fn an_invocation_lost_during_a_pause_is_repeated_after_it() {
    for end in [InvocationEnd::Lost, InvocationEnd::Failed(ErrorObject::new("Runtime.ExitError", "killed"))] {
        let mut harness = Harness::new();
        pause(&mut harness);
        harness.end(end);
        assert_eq!((harness.execution_status(), harness.is_busy()), (&ExecutionStatus::Paused, false));

        resume(&mut harness);

        assert!(harness.is_busy());
    }
}

#[test]
fn a_paused_execution_can_be_stopped() {
    let mut harness = waiting();
    pause(&mut harness);

    harness.handle(Command::Stop { error: None }).unwrap();

    assert_eq!(harness.execution_status(), &ExecutionStatus::Stopped);
    assert_eq!((harness.execution.pause_details(), harness.due_in()), (None, None));
}

#[test]
fn pause_and_resume_are_idempotent() {
    let mut harness = waiting();
    pause(&mut harness);
    let paused = harness.execution.clone();
    harness.advance(5);
    let mut other = PauseRequest::new(arn());
    other.execution_timeout_paused = Some(false);

    harness.handle(Command::Pause(other)).unwrap();
    assert_eq!(harness.execution, paused);
    resume(&mut harness);
    let resumed = harness.execution.clone();
    resume(&mut harness);

    assert_eq!(harness.execution, resumed);
}

#[test]
fn a_late_retry_of_a_pause_does_not_pause_again() {
    let mut harness = waiting();
    harness.handle(Command::Pause(pause_request(Some("p")))).unwrap();
    harness.handle(Command::Resume(resume_request(Some("r")))).unwrap();

    harness.handle(Command::Pause(pause_request(Some("p")))).unwrap();
    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
    harness.handle(Command::Pause(pause_request(Some("q")))).unwrap();
    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
    harness.handle(Command::Resume(resume_request(Some("r")))).unwrap();
    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
    harness.advance(900);
    harness.handle(Command::Resume(resume_request(Some("r")))).unwrap();

    assert_eq!(
        harness.execution_status(),
        &ExecutionStatus::Running,
        "a client token expires after 15 minutes"
    );
}

#[test]
fn an_execution_that_has_ended_can_be_neither_paused_nor_resumed() {
    let mut harness = Harness::new();
    harness.answer(SUCCEEDED);
    let mut expired = waiting();
    expired.advance(3_600);

    for harness in [&mut harness, &mut expired] {
        let before = harness.execution.clone();
        let paused = conflict(harness.handle(Command::Pause(pause_request(None))));
        let resumed = conflict(harness.handle(Command::Resume(resume_request(None))));

        assert_eq!(paused, "The execution has ended and cannot be paused.");
        assert_eq!(resumed, "The execution has ended and cannot be resumed.");
        assert_eq!(harness.execution, before);
    }
}

#[test]
fn a_pause_survives_a_restart() {
    let mut harness = Harness::new();
    pause(&mut harness);
    harness.execution = Execution::replay(harness.events.clone()).unwrap();
    harness.end(InvocationEnd::Lost);
    harness.execution = Execution::replay(harness.events.clone()).unwrap();

    assert_eq!(harness.execution_status(), &ExecutionStatus::Paused);
    harness.elapse(60);
    assert!(!harness.is_busy());
    resume(&mut harness);
    assert!(harness.is_busy());
}

#[test]
fn the_end_of_a_call_is_recorded_during_a_pause_and_reported_after_it() {
    let mut harness = Harness::new().with_function("tax", FunctionKind::Plain);
    pause(&mut harness);
    harness.record(vec![U::start_invoke("i", "tax", None)]);
    assert_eq!(harness.calls.len(), 1, "the interrupted checkpoint makes its calls");
    harness.answer(PENDING);

    let end = ChainedInvokeEnd::Succeeded(Some("1".to_owned()));
    harness.handle(Command::ChainedInvokeEnded { operation_id: "i".to_owned(), end }).unwrap();
    assert_eq!((harness.status("i"), harness.is_busy()), ("SUCCEEDED", false));
    resume(&mut harness);

    assert_eq!(ids(&harness.last_invocation().input.initial_execution_state.operations), ["0b1c", "i"]);
}
