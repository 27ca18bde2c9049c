//! Callbacks: answers of external systems, heartbeats and timeouts.

use durable_service::{
    CallbackAnswer, CallbackChange, Command, Event, Execution, InvocationEnd, OperationChange, Seed,
    Settings, StartExecution,
};
use durable_service::{callback_execution_id, history};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::history::EventDetails;
use durable_types::{ErrorObject, OperationUpdate as U, validate};

use crate::lab::{Lab, PENDING, ids, request};

fn callback_id(lab: &Lab, id: &str) -> String {
    lab.execution.operation(id).unwrap().callback_details.as_ref().unwrap().callback_id.clone().unwrap()
}

fn error(lab: &Lab, id: &str) -> ErrorObject {
    *lab.execution.operation(id).unwrap().callback_details.as_ref().unwrap().error.clone().unwrap()
}

fn answer(lab: &mut Lab, answer: CallbackAnswer) -> Result<(), ServiceError> {
    answer_one(lab, "c", answer)
}

fn answer_one(lab: &mut Lab, id: &str, answer: CallbackAnswer) -> Result<(), ServiceError> {
    let callback_id = callback_id(lab, id);
    lab.handle(Command::Callback { callback_id, answer }).map(drop)
}

/// Returns the positions of the heartbeats of a callback among the recorded events.
fn heartbeats(lab: &Lab, id: &str) -> Vec<usize> {
    let is_heartbeat = |event: &Event| {
        let Event::OperationChanged(changed) = event else { return false };
        let change = OperationChange::Callback(CallbackChange::HeartbeatReceived);
        changed.id == id && changed.change == change
    };
    let events = lab.events.iter().enumerate();
    events.filter(|(_, event)| is_heartbeat(event)).map(|(index, _)| index).collect()
}

fn succeed(lab: &mut Lab) -> Result<(), ServiceError> {
    answer(lab, CallbackAnswer::Succeeded(Some("\"yes\"".to_owned())))
}

fn beat(lab: &mut Lab) -> Result<(), ServiceError> {
    answer(lab, CallbackAnswer::Heartbeat)
}

/// Creates an execution that waits for a callback with these timeouts.
fn waiting(timeout: Option<u64>, heartbeat: Option<u64>) -> Lab {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", timeout, heartbeat).with_name("approve")]);
    lab.answer(PENDING);
    lab
}

/// Asserts that an answer is rejected as late and changes nothing.
fn assert_too_late(lab: &mut Lab) {
    let before = lab.execution.clone();
    for late in [CallbackAnswer::Succeeded(None), CallbackAnswer::Failed(None), CallbackAnswer::Heartbeat] {
        let rejected = answer(lab, late).unwrap_err();

        assert_eq!(rejected.kind, ServiceErrorKind::CallbackTimeout);
        assert_eq!(rejected.kind.http_status(), 400);
    }
    assert_eq!(lab.execution, before);
}

#[test]
fn the_response_to_the_checkpoint_contains_the_callback_id() {
    let mut lab = Lab::new();

    let reported = lab.record(vec![U::start_callback("c", None, None)]);

    let id = reported[0].callback_details.as_ref().unwrap().callback_id.clone().unwrap();
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
        let mut lab = Lab::with(request, Settings::default());
        lab.record(vec![U::start_callback(operation_id, None, None)]);
        callback_id(&lab, operation_id)
    };

    let all = [id("e", "c", [1; 32]), id("f", "c", [1; 32]), id("e", "d", [1; 32]), id("e", "c", [2; 32])];

    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(id("e", "c", [1; 32]), all[0], "a callback id is deterministic");
}

#[test]
fn an_answer_ends_the_callback_and_invokes_the_function() {
    let mut lab = waiting(None, None);
    assert_eq!(lab.due_in(), Some(3_600), "only the execution timeout remains");

    succeed(&mut lab).unwrap();

    assert_eq!(lab.status("c"), "SUCCEEDED");
    let details = lab.execution.operation("c").unwrap().callback_details.clone().unwrap();
    assert_eq!(details.result.as_deref(), Some("\"yes\""));
    assert_eq!(lab.execution.operation("c").unwrap().end_timestamp, Some(lab.now));
    assert_eq!(lab.last_invocation().input.updated_operation_ids.as_deref(), Some(&["c".into()][..]));
    assert_eq!(
        lab.history(),
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
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", None, None), U::start_wait("later", 600)]);
    succeed(&mut lab).unwrap();
    assert_eq!(lab.invocations.len(), 1, "one invocation at a time");

    let seen = lab.record(vec![]);

    assert_eq!(ids(&seen), ["c"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
    lab.answer(PENDING);
    assert!(!lab.is_busy(), "the change was returned already");
}

#[test]
fn a_timeout_during_an_invocation_is_returned_by_an_empty_checkpoint() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", Some(10), None)]);
    lab.advance(10);

    let seen = lab.record(vec![]);

    assert_eq!(ids(&seen), ["c"]);
    assert_eq!(seen[0].status.as_str(), "TIMED_OUT");
}

#[test]
fn an_answer_just_before_the_end_of_an_invocation_invokes_again() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", None, None)]);
    succeed(&mut lab).unwrap();

    lab.answer(PENDING);

    assert_eq!(lab.invocations.len(), 2);
}

#[test]
fn an_unanswered_callback_times_out() {
    let mut lab = waiting(Some(60), None);
    assert_eq!(lab.due_in(), Some(60));

    lab.elapse(59);
    assert_eq!(lab.status("c"), "STARTED");
    lab.elapse(1);

    assert_eq!(lab.status("c"), "TIMED_OUT");
    assert_eq!(error(&lab, "c"), ErrorObject::new("Callback.Timeout", "Callback timed out"));
    assert_eq!(lab.history().last().unwrap(), "CallbackTimedOut c");
    assert_eq!(lab.invocations.len(), 2);
    assert_too_late(&mut lab);
}

#[test]
fn a_missed_heartbeat_times_out_the_callback() {
    let mut lab = waiting(Some(60), Some(10));
    assert_eq!(lab.due_in(), Some(10));

    lab.elapse(10);

    assert_eq!(lab.status("c"), "TIMED_OUT");
    let expected = ErrorObject::new("Callback.Heartbeat", "Callback timed out on heartbeat");
    assert_eq!(error(&lab, "c"), expected);
}

#[test]
fn a_heartbeat_extends_the_heartbeat_timeout_only() {
    let mut lab = waiting(Some(25), Some(10));
    for _ in 0..2 {
        lab.elapse(9);
        beat(&mut lab).unwrap();
    }
    assert_eq!(lab.due_in(), Some(7), "18 seconds have passed");

    lab.elapse(7);

    assert_eq!(error(&lab, "c").error_type.as_deref(), Some("Callback.Timeout"));
}

#[test]
fn a_heartbeat_is_not_reported_to_the_function() {
    let mut lab = waiting(None, Some(10));
    lab.elapse(9);

    beat(&mut lab).unwrap();

    assert!(!lab.is_busy());
    assert_eq!(lab.due_in(), Some(10));
    assert_eq!(lab.history().last().unwrap(), "InvocationCompleted");
    lab.elapse(10);
    assert_eq!(lab.status("c"), "TIMED_OUT");
}

#[test]
fn a_heartbeat_survives_a_restart() {
    let mut lab = waiting(Some(60), Some(10));
    lab.elapse(9);
    beat(&mut lab).unwrap();

    let replayed = Execution::replay(lab.events.clone()).unwrap();

    assert_eq!(replayed, lab.execution);
    assert_eq!(replayed.next_due(), lab.execution.next_due());
}

#[test]
fn a_heartbeat_replaces_the_previous_one_of_its_callback() {
    let mut lab = Lab::new();
    let callbacks = ["c", "d"].map(|id| U::start_callback(id, None, Some(10)));
    lab.record(callbacks.into());
    lab.answer(PENDING);
    let before = lab.events.len();

    for _ in 0..500 {
        for id in ["c", "d"] {
            lab.elapse(3);
            answer_one(&mut lab, id, CallbackAnswer::Heartbeat).unwrap();
        }
    }

    assert_eq!(heartbeats(&lab, "c"), [before]);
    assert_eq!(heartbeats(&lab, "d"), [before + 1]);
    assert_eq!(lab.events.len(), before + 2);
    assert_eq!(lab.due_in(), Some(7), "the last heartbeat of each callback counts");
    assert_eq!(Execution::replay(lab.events.clone()).unwrap(), lab.execution);
    lab.elapse(7);
    assert_eq!((lab.status("c"), lab.status("d")), ("TIMED_OUT", "STARTED"));
}

#[test]
fn a_heartbeat_replaces_one_that_precedes_other_events() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", Some(100), Some(10))]);
    beat(&mut lab).unwrap();
    lab.advance(5);
    lab.record(vec![U::start_step("s"), U::start_wait("w", 60)]);
    lab.answer(PENDING);
    let (events, history) = (lab.events.len(), lab.history());

    lab.advance(3);
    beat(&mut lab).unwrap();

    assert_eq!((lab.events.len(), lab.history()), (events, history));
    let [replaced] = heartbeats(&lab, "c")[..] else { panic!("one heartbeat") };
    assert_eq!(lab.events[replaced].at(), lab.now);
    assert!(lab.events[replaced + 1].at() < lab.now, "events that follow are earlier");
    assert_eq!(Execution::replay(lab.events.clone()).unwrap(), lab.execution);
    assert_eq!(lab.due_in(), Some(10));
}

#[test]
fn a_heartbeat_that_finds_an_elapsed_timer_replaces_one_event_and_adds_others() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", None, Some(10)), U::start_wait("w", 5)]);
    lab.answer(PENDING);
    beat(&mut lab).unwrap();
    let before = lab.events.len();
    lab.advance(6);

    beat(&mut lab).unwrap();

    assert_eq!((lab.status("w"), lab.is_busy()), ("SUCCEEDED", true));
    assert_eq!(heartbeats(&lab, "c").len(), 1);
    assert_eq!(lab.events.len(), before + 2, "the wait ended and the function is invoked");
    assert_eq!(Execution::replay(lab.events.clone()).unwrap(), lab.execution);
}

#[test]
fn a_record_with_several_heartbeats_of_a_callback_grows_no_further() {
    let mut lab = waiting(None, Some(10));
    beat(&mut lab).unwrap();
    let heartbeat = lab.events.last().unwrap().clone();
    lab.events.extend(vec![heartbeat; 5]);
    lab.execution = Execution::replay(lab.events.clone()).unwrap();
    let events = lab.events.len();

    for _ in 0..3 {
        lab.elapse(9);
        beat(&mut lab).unwrap();
    }

    assert_eq!(lab.events.len(), events);
    assert_eq!(lab.events.last().unwrap().at(), lab.now, "the last heartbeat is replaced");
    assert_eq!(Execution::replay(lab.events.clone()).unwrap(), lab.execution);
    assert_eq!(lab.due_in(), Some(10));
}

#[test]
fn a_heartbeat_without_a_heartbeat_timeout_changes_no_timer() {
    let mut lab = waiting(Some(60), Some(0));

    beat(&mut lab).unwrap();

    assert_eq!(lab.due_in(), Some(60));
}

#[test]
fn a_timeout_of_zero_means_no_timeout() {
    let lab = waiting(Some(0), Some(0));

    assert_eq!(lab.due_in(), Some(3_600));
}

#[test]
fn the_earlier_of_two_elapsed_timeouts_counts() {
    let mut lab = waiting(Some(20), Some(30));

    lab.elapse(100);

    assert_eq!(error(&lab, "c").error_type.as_deref(), Some("Callback.Timeout"));
}

#[test]
fn a_callback_is_answered_once() {
    let mut lab = waiting(Some(60), None);
    succeed(&mut lab).unwrap();

    assert_too_late(&mut lab);

    lab.elapse(60);
    assert_eq!(lab.status("c"), "SUCCEEDED");
}

#[test]
fn an_answer_after_the_timeout_is_rejected_even_before_the_timer_fires() {
    let mut lab = waiting(Some(60), None);
    lab.advance(60);

    assert_too_late(&mut lab);
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
    let mut lab = waiting(None, None);
    let known = callback_id(&lab, "c");
    let mut guessed = known.clone().into_bytes();
    let last = guessed.len() - 4;
    guessed[last] = if guessed[last] == b'A' { b'B' } else { b'A' };

    for unknown in ["", "AAAA", "not base64", &String::from_utf8(guessed).unwrap()] {
        let command =
            Command::Callback { callback_id: unknown.to_owned(), answer: CallbackAnswer::Heartbeat };
        let rejected = lab.handle(command).unwrap_err();

        assert_eq!(rejected.kind, ServiceErrorKind::ResourceNotFound, "{unknown}");
    }
}

#[test]
fn answers_have_a_maximum_size() {
    let large = || "x".repeat(1_048_576);
    let mut lab = waiting(None, None);

    let result = answer(&mut lab, CallbackAnswer::Succeeded(Some(large() + "x"))).unwrap_err();
    let error = ErrorObject::new("E", large());
    let error = answer(&mut lab, CallbackAnswer::Failed(Some(error))).unwrap_err();

    assert_eq!(result.message, "CALLBACK payload size must be less than or equal to 1048576 bytes.");
    assert_eq!(error.message, "Error object size must be less than 1048576 bytes.");
    assert_eq!(lab.status("c"), "STARTED");
    answer(&mut lab, CallbackAnswer::Succeeded(Some(large()))).unwrap();
}

#[test]
fn a_callback_is_a_pending_operation() {
    let mut lab = waiting(None, None);

    succeed(&mut lab).unwrap();
    lab.answer(PENDING);
    lab.answer(PENDING);

    assert!(lab.is_busy(), "nothing is pending, so the function is invoked again");
}

#[test]
fn an_answer_does_not_shorten_the_backoff() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", None, None)]);
    lab.end(InvocationEnd::Failed(ErrorObject::new("E", "broke")));

    succeed(&mut lab).unwrap();

    assert!(!lab.is_busy());
    lab.elapse(1);
    assert!(lab.is_busy());
}

#[test]
fn the_history_shows_the_timeouts_of_a_callback() {
    let lab = waiting(Some(60), Some(10));

    let reported = history(&lab.events);

    let EventDetails::CallbackStarted(started) = &reported[1].details else { panic!("{:?}", reported[1]) };
    assert_eq!(started.callback_id, callback_id(&lab, "c"));
    assert_eq!((started.timeout, started.heartbeat_timeout), (Some(60), Some(10)));
    assert_eq!(reported[1].name.as_deref(), Some("approve"));
    assert_eq!(reported[1].sub_type.as_deref(), Some("Callback"));
}

#[test]
fn illegal_updates_of_a_callback_are_rejected() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_callback("c", None, None)]);

    let again = lab.rejection(vec![U::start_callback("c", None, None)]);
    let twice = lab.rejection(vec![U::start_callback("d", None, None), U::start_callback("d", None, None)]);
    let long = lab.rejection(vec![U::start_callback("d", Some(100_000_000), None)]);

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
