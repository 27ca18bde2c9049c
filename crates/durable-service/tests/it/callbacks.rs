//! Callbacks: answers of external systems, heartbeats and timeouts.

use durable_service::{
    CallbackAnswer, CallbackChange, Command, Event, Execution, InvocationEnd, OperationChange, Seed,
    Settings, StartExecution,
};
use durable_service::{callback_execution_id, history};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, OperationUpdate as U, validate};

use crate::harness::{Harness, PENDING, ids, request};

fn callback_id(harness: &Harness, id: &str) -> String {
    harness.execution.operation(id).unwrap().callback_details().unwrap().callback_id.clone().unwrap()
}

fn error(harness: &Harness, id: &str) -> ErrorObject {
    *harness.execution.operation(id).unwrap().callback_details().unwrap().error.clone().unwrap()
}

fn answer(harness: &mut Harness, answer: CallbackAnswer) -> Result<(), ServiceError> {
    answer_one(harness, "c", answer)
}

fn answer_one(harness: &mut Harness, id: &str, answer: CallbackAnswer) -> Result<(), ServiceError> {
    let callback_id = callback_id(harness, id);
    harness.handle(Command::Callback { callback_id, answer }).map(drop)
}

/// Returns the positions of the heartbeats of a callback among the recorded events.
fn heartbeats(harness: &Harness, id: &str) -> Vec<usize> {
    let is_heartbeat = |event: &Event| {
        let Event::OperationChanged(changed) = event else { return false };
        let change = OperationChange::Callback(CallbackChange::HeartbeatReceived);
        changed.id == id && changed.change == change
    };
    let events = harness.events.iter().enumerate();
    events.filter(|(_, event)| is_heartbeat(event)).map(|(index, _)| index).collect()
}

fn succeed(harness: &mut Harness) -> Result<(), ServiceError> {
    answer(harness, CallbackAnswer::Succeeded(Some("\"yes\"".to_owned())))
}

fn send_heartbeat(harness: &mut Harness) -> Result<(), ServiceError> {
    answer(harness, CallbackAnswer::Heartbeat)
}

/// Creates an execution that waits for a callback with these timeouts.
fn waiting(timeout: Option<u64>, heartbeat: Option<u64>) -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", timeout, heartbeat).with_name("approve")]);
    harness.answer(PENDING);
    harness
}

/// Asserts that an answer is rejected as late and changes nothing.
fn assert_too_late(harness: &mut Harness) {
    let before = harness.execution.clone();
    for late in [CallbackAnswer::Succeeded(None), CallbackAnswer::Failed(None), CallbackAnswer::Heartbeat] {
        let rejected = answer(harness, late).unwrap_err();

        assert_eq!(rejected.kind, ServiceErrorKind::CallbackTimeout);
        assert_eq!(rejected.kind.http_status(), 400);
    }
    assert_eq!(harness.execution, before);
}

#[test]
fn the_response_to_the_checkpoint_contains_the_callback_id() {
    let mut harness = Harness::new();

    let reported = harness.record(vec![U::start_callback("c", None, None)]);

    let id = reported[0].callback_details().unwrap().callback_id.clone().unwrap();
    assert_eq!(validate::callback_id(&id), Ok(()));
    assert_eq!(callback_execution_id(&id), Some("0b1c".to_owned()));
    assert_eq!(reported[0].status.as_str(), "STARTED");
}

#[test]
fn callback_ids_differ_by_execution_operation_and_seed() {
    let id = |execution_id: &str, operation_id: &str, seed: [u8; 32]| {
        let mut request = StartExecution { seed: Seed::from(seed), ..request() };
        let arn = request.execution_arn.to_string().replace("0b1c", execution_id);
        request.execution_arn = arn.parse().unwrap();
        let mut harness = Harness::with(request, Settings::default());
        harness.record(vec![U::start_callback(operation_id, None, None)]);
        callback_id(&harness, operation_id)
    };

    let all = [id("e", "c", [1; 32]), id("f", "c", [1; 32]), id("e", "d", [1; 32]), id("e", "c", [2; 32])];

    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(id("e", "c", [1; 32]), all[0], "a callback id is deterministic");
}

#[test]
fn an_answer_ends_the_callback_and_invokes_the_function() {
    let mut harness = waiting(None, None);
    assert_eq!(harness.due_in(), Some(3_600), "only the execution timeout remains");

    succeed(&mut harness).unwrap();

    assert_eq!(harness.status("c"), "SUCCEEDED");
    let details = harness.execution.operation("c").unwrap().callback_details().cloned().unwrap();
    assert_eq!(details.result.as_deref(), Some("\"yes\""));
    assert_eq!(harness.execution.operation("c").unwrap().end_timestamp, Some(harness.now));
    assert_eq!(harness.last_invocation().input.updated_operation_ids.as_deref(), Some(&["c".into()][..]));
    assert_eq!(
        harness.history(),
        ["ExecutionStarted 0b1c", "CallbackStarted c", "InvocationCompleted", "CallbackSucceeded c"]
    );
}

#[test]
fn an_answer_may_be_empty_or_an_error() {
    let mut empty = waiting(None, None);
    answer(&mut empty, CallbackAnswer::Succeeded(None)).unwrap();
    assert_eq!(empty.status("c"), "SUCCEEDED");

    let mut failed = waiting(None, None);
    let declined = ErrorObject::new("Declined", "no").with_data("7");
    answer(&mut failed, CallbackAnswer::Failed(Some(declined.clone()))).unwrap();
    assert_eq!(failed.status("c"), "FAILED");
    assert_eq!(error(&failed, "c"), declined);
    assert_eq!(failed.history().last().unwrap(), "CallbackFailed c");

    let mut silent = waiting(None, None);
    answer(&mut silent, CallbackAnswer::Failed(None)).unwrap();
    assert_eq!(silent.status("c"), "FAILED");
}

#[test]
fn an_answer_during_an_invocation_is_returned_by_an_empty_checkpoint() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", None, None), U::start_wait("later", 600)]);
    succeed(&mut harness).unwrap();
    assert_eq!(harness.invocations.len(), 1, "one invocation at a time");

    let seen = harness.record(vec![]);

    assert_eq!(ids(&seen), ["c"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
    harness.answer(PENDING);
    assert!(!harness.is_busy(), "the change was returned already");
}

#[test]
fn a_timeout_during_an_invocation_is_returned_by_an_empty_checkpoint() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", Some(10), None)]);
    harness.advance(10);

    let seen = harness.record(vec![]);

    assert_eq!(ids(&seen), ["c"]);
    assert_eq!(seen[0].status.as_str(), "TIMED_OUT");
}

#[test]
fn an_answer_just_before_the_end_of_an_invocation_invokes_again() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", None, None)]);
    succeed(&mut harness).unwrap();

    harness.answer(PENDING);

    assert_eq!(harness.invocations.len(), 2);
}

#[test]
fn an_unanswered_callback_times_out() {
    let mut harness = waiting(Some(60), None);
    assert_eq!(harness.due_in(), Some(60));

    harness.elapse(59);
    assert_eq!(harness.status("c"), "STARTED");
    harness.elapse(1);

    assert_eq!(harness.status("c"), "TIMED_OUT");
    assert_eq!(error(&harness, "c"), ErrorObject::new("Callback.Timeout", "Callback timed out"));
    assert_eq!(harness.history().last().unwrap(), "CallbackTimedOut c");
    assert_eq!(harness.invocations.len(), 2);
    assert_too_late(&mut harness);
}

#[test]
fn a_missed_heartbeat_times_out_the_callback() {
    let mut harness = waiting(Some(60), Some(10));
    assert_eq!(harness.due_in(), Some(10));

    harness.elapse(10);

    assert_eq!(harness.status("c"), "TIMED_OUT");
    let expected = ErrorObject::new("Callback.Heartbeat", "Callback timed out on heartbeat");
    assert_eq!(error(&harness, "c"), expected);
}

#[test]
fn a_heartbeat_extends_the_heartbeat_timeout_only() {
    let mut harness = waiting(Some(25), Some(10));
    for _ in 0..2 {
        harness.elapse(9);
        send_heartbeat(&mut harness).unwrap();
    }
    assert_eq!(harness.due_in(), Some(7), "18 seconds have passed");

    harness.elapse(7);

    assert_eq!(error(&harness, "c").error_type.as_deref(), Some("Callback.Timeout"));
}

#[test]
fn a_heartbeat_is_not_reported_to_the_function() {
    let mut harness = waiting(None, Some(10));
    harness.elapse(9);

    send_heartbeat(&mut harness).unwrap();

    assert!(!harness.is_busy());
    assert_eq!(harness.due_in(), Some(10));
    assert_eq!(harness.history().last().unwrap(), "InvocationCompleted");
    harness.elapse(10);
    assert_eq!(harness.status("c"), "TIMED_OUT");
}

#[test]
fn a_heartbeat_survives_a_restart() {
    let mut harness = waiting(Some(60), Some(10));
    harness.elapse(9);
    send_heartbeat(&mut harness).unwrap();

    let replayed = Execution::replay(harness.events.clone()).unwrap();

    assert_eq!(replayed, harness.execution);
    assert_eq!(replayed.next_due(), harness.execution.next_due());
}

#[test]
fn a_heartbeat_replaces_the_previous_one_of_its_callback() {
    let mut harness = Harness::new();
    let callbacks = ["c", "d"].map(|id| U::start_callback(id, None, Some(10)));
    harness.record(callbacks.into());
    harness.answer(PENDING);
    let before = harness.events.len();

    for _ in 0..500 {
        for id in ["c", "d"] {
            harness.elapse(3);
            answer_one(&mut harness, id, CallbackAnswer::Heartbeat).unwrap();
        }
    }

    assert_eq!(heartbeats(&harness, "c"), [before]);
    assert_eq!(heartbeats(&harness, "d"), [before + 1]);
    assert_eq!(harness.events.len(), before + 2);
    assert_eq!(harness.due_in(), Some(7), "the last heartbeat of each callback counts");
    assert_eq!(Execution::replay(harness.events.clone()).unwrap(), harness.execution);
    harness.elapse(7);
    assert_eq!((harness.status("c"), harness.status("d")), ("TIMED_OUT", "STARTED"));
}

#[test]
fn a_heartbeat_replaces_one_that_precedes_other_events() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", Some(100), Some(10))]);
    send_heartbeat(&mut harness).unwrap();
    harness.advance(5);
    harness.record(vec![U::start_step("s"), U::start_wait("w", 60)]);
    harness.answer(PENDING);
    let (events, history) = (harness.events.len(), harness.history());

    harness.advance(3);
    send_heartbeat(&mut harness).unwrap();

    assert_eq!((harness.events.len(), harness.history()), (events, history));
    let [replaced] = heartbeats(&harness, "c")[..] else { panic!("one heartbeat") };
    assert_eq!(harness.events[replaced].at(), harness.now);
    assert!(harness.events[replaced + 1].at() < harness.now, "events that follow are earlier");
    assert_eq!(Execution::replay(harness.events.clone()).unwrap(), harness.execution);
    assert_eq!(harness.due_in(), Some(10));
}

#[test]
fn a_heartbeat_that_finds_an_elapsed_timer_replaces_one_event_and_adds_others() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", None, Some(10)), U::start_wait("w", 5)]);
    harness.answer(PENDING);
    send_heartbeat(&mut harness).unwrap();
    let before = harness.events.len();
    harness.advance(6);

    send_heartbeat(&mut harness).unwrap();

    assert_eq!((harness.status("w"), harness.is_busy()), ("SUCCEEDED", true));
    assert_eq!(heartbeats(&harness, "c").len(), 1);
    assert_eq!(harness.events.len(), before + 2, "the wait ended and the function is invoked");
    assert_eq!(Execution::replay(harness.events.clone()).unwrap(), harness.execution);
}

#[test]
fn a_record_with_several_heartbeats_of_a_callback_grows_no_further() {
    let mut harness = waiting(None, Some(10));
    send_heartbeat(&mut harness).unwrap();
    let heartbeat = harness.events.last().unwrap().clone();
    harness.events.extend(vec![heartbeat; 5]);
    harness.execution = Execution::replay(harness.events.clone()).unwrap();
    let events = harness.events.len();

    for _ in 0..3 {
        harness.elapse(9);
        send_heartbeat(&mut harness).unwrap();
    }

    assert_eq!(harness.events.len(), events);
    assert_eq!(harness.events.last().unwrap().at(), harness.now, "the last heartbeat is replaced");
    assert_eq!(Execution::replay(harness.events.clone()).unwrap(), harness.execution);
    assert_eq!(harness.due_in(), Some(10));
}

#[test]
fn a_heartbeat_without_a_heartbeat_timeout_changes_no_timer() {
    let mut harness = waiting(Some(60), Some(0));

    send_heartbeat(&mut harness).unwrap();

    assert_eq!(harness.due_in(), Some(60));
}

#[test]
fn a_timeout_of_zero_means_no_timeout() {
    let harness = waiting(Some(0), Some(0));

    assert_eq!(harness.due_in(), Some(3_600));
}

#[test]
fn the_earlier_of_two_elapsed_timeouts_counts() {
    let mut harness = waiting(Some(20), Some(30));

    harness.elapse(100);

    assert_eq!(error(&harness, "c").error_type.as_deref(), Some("Callback.Timeout"));
}

#[test]
fn a_callback_is_answered_once() {
    let mut harness = waiting(Some(60), None);
    succeed(&mut harness).unwrap();

    assert_too_late(&mut harness);

    harness.elapse(60);
    assert_eq!(harness.status("c"), "SUCCEEDED");
}

#[test]
fn an_answer_after_the_timeout_is_rejected_even_before_the_timer_fires() {
    let mut harness = waiting(Some(60), None);
    harness.advance(60);

    assert_too_late(&mut harness);
}

#[test]
fn an_answer_after_the_end_of_the_execution_is_rejected() {
    let mut ended = waiting(None, None);
    ended.handle(Command::Stop { error: None }).unwrap();
    assert_too_late(&mut ended);

    let mut overdue = waiting(None, None);
    overdue.advance(3_600);
    assert_too_late(&mut overdue);
}

#[test]
fn an_unknown_callback_is_not_found() {
    let mut harness = waiting(None, None);
    let known = callback_id(&harness, "c");
    let mut guessed = known.clone().into_bytes();
    let last = guessed.len() - 4;
    guessed[last] = if guessed[last] == b'A' { b'B' } else { b'A' };

    for unknown in ["", "AAAA", "not base64", &String::from_utf8(guessed).unwrap()] {
        let command =
            Command::Callback { callback_id: unknown.to_owned(), answer: CallbackAnswer::Heartbeat };
        let rejected = harness.handle(command).unwrap_err();

        assert_eq!(rejected.kind, ServiceErrorKind::ResourceNotFound, "{unknown}");
    }
}

#[test]
fn answers_have_a_maximum_size() {
    let large = || "x".repeat(1_048_576);
    let mut harness = waiting(None, None);

    let result = answer(&mut harness, CallbackAnswer::Succeeded(Some(large() + "x"))).unwrap_err();
    let error = ErrorObject::new("E", large());
    let error = answer(&mut harness, CallbackAnswer::Failed(Some(error))).unwrap_err();

    assert_eq!(result.message, "CALLBACK payload size must be less than or equal to 1048576 bytes.");
    assert_eq!(error.message, "Error object size must be less than 1048576 bytes.");
    assert_eq!(harness.status("c"), "STARTED");
    answer(&mut harness, CallbackAnswer::Succeeded(Some(large()))).unwrap();
}

#[test]
fn a_callback_is_a_pending_operation() {
    let mut harness = waiting(None, None);

    succeed(&mut harness).unwrap();
    harness.answer(PENDING);
    harness.answer(PENDING);

    assert!(harness.is_busy(), "nothing is pending, so the function is invoked again");
}

#[test]
fn an_answer_does_not_shorten_the_backoff() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", None, None)]);
    harness.end(InvocationEnd::Failed(ErrorObject::new("E", "broke")));

    succeed(&mut harness).unwrap();

    assert!(!harness.is_busy());
    harness.elapse(1);
    assert!(harness.is_busy());
}

#[test]
fn the_history_shows_the_timeouts_of_a_callback() {
    let harness = waiting(Some(60), Some(10));

    let reported = history(&harness.events);

    let EventDetails::CallbackStarted(started) = &reported[1].details else { panic!("{:?}", reported[1]) };
    assert_eq!(started.callback_id, callback_id(&harness, "c"));
    assert_eq!((started.timeout, started.heartbeat_timeout), (Some(60), Some(10)));
    assert_eq!(reported[1].name.as_deref(), Some("approve"));
    assert_eq!(reported[1].sub_type.as_deref(), Some("Callback"));
}

#[test]
fn illegal_updates_of_a_callback_are_rejected() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_callback("c", None, None)]);

    let again = harness.rejection(vec![U::start_callback("c", None, None)]);
    let twice =
        harness.rejection(vec![U::start_callback("d", None, None), U::start_callback("d", None, None)]);
    let long = harness.rejection(vec![U::start_callback("d", Some(100_000_000), None)]);

    assert_eq!(again, "Cannot start a CALLBACK that already exist.");
    assert_eq!(twice, "Cannot checkpoint multiple operations with the same ID.");
    assert!(long.contains("TimeoutSeconds"), "{long}");
}

#[test]
fn debug_output_redacts_answers_and_seeds() {
    let shown = format!(
        "{:?} {:?}",
        CallbackAnswer::Succeeded(Some("secret".to_owned())),
        StartExecution { seed: Seed::from([42; 32]), ..request() }
    );

    assert!(!shown.contains("secret") && !shown.contains("42, 42"), "{shown}");
}
