//! Waits that elapse with and without an invocation in flight.

use durable_types::OperationType::{Step, Wait};
use durable_types::history::EventDetails;
use durable_types::{OperationUpdate as U, Timestamp};

use crate::lab::{Lab, PENDING, ids};

fn waiting(seconds: u64) -> Lab {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", seconds).with_name("settle")]);
    lab
}

#[test]
fn a_wait_ends_and_invokes_the_function() {
    let mut lab = waiting(60);
    lab.answer(PENDING);

    assert_eq!(lab.due_in(), Some(60));
    lab.elapse(60);

    assert_eq!(lab.status("w"), "SUCCEEDED");
    assert_eq!(lab.invocations.len(), 2);
    assert_eq!(lab.last_invocation().input.updated_operation_ids.as_deref(), Some(&["w".into()][..]));
    assert_eq!(
        lab.history(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn the_history_shows_the_duration_of_a_wait() {
    let mut lab = waiting(60);
    let start = lab.now;
    lab.answer(PENDING);
    lab.elapse(61);

    let reported = durable_service::history(&lab.events);

    let EventDetails::WaitStarted(started) = &reported[1].details else { panic!("{:?}", reported[1]) };
    assert_eq!(started.duration, 60);
    assert_eq!(started.scheduled_end_timestamp, start.saturating_add(std::time::Duration::from_secs(60)));
    let EventDetails::WaitSucceeded(succeeded) = &reported[3].details else { panic!("{:?}", reported[3]) };
    assert_eq!(succeeded.duration, Some(60));
    assert_eq!(reported[3].event_timestamp, lab.now);
    assert_eq!(reported[3].name.as_deref(), Some("settle"));
}

#[test]
fn an_early_or_repeated_timer_has_no_effect() {
    let mut lab = waiting(60);
    lab.answer(PENDING);
    let before = lab.execution.clone();

    lab.elapse(59);
    assert_eq!(lab.execution, before);

    lab.elapse(1);
    let after = lab.execution.clone();
    lab.elapse(0);
    assert_eq!(lab.execution, after);
}

#[test]
fn a_wait_is_measured_from_its_start_not_from_the_end_of_the_invocation() {
    let mut lab = waiting(10);
    lab.advance(7);

    lab.answer(PENDING);

    assert_eq!(lab.due_in(), Some(3));
}

#[test]
fn a_wait_that_is_due_when_the_invocation_ends_invokes_again_at_once() {
    let mut lab = waiting(10);
    lab.advance(10);

    lab.answer(PENDING);

    assert_eq!(lab.invocations.len(), 2);
    assert_eq!(
        lab.history(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn a_wait_that_ends_during_an_invocation_invokes_again_after_it() {
    let mut lab = waiting(10);

    lab.elapse(10);
    assert_eq!(lab.invocations.len(), 1, "one invocation at a time");
    lab.answer(PENDING);

    assert_eq!(lab.invocations.len(), 2);
}

#[test]
fn a_wait_whose_end_was_returned_does_not_invoke_again() {
    let mut lab = waiting(10);
    lab.record(vec![U::start_wait("later", 600)]);
    lab.elapse(10);
    let seen = lab.record(vec![]);
    assert_eq!(ids(&seen), ["w"]);

    lab.answer(PENDING);

    assert!(!lab.is_busy());
    assert_eq!(lab.due_in(), Some(590));
}

#[test]
fn an_empty_checkpoint_returns_elapsed_waits() {
    let mut lab = waiting(10);
    lab.advance(10);

    let seen = lab.record(vec![]);

    assert_eq!(ids(&seen), ["w"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
    assert_eq!(seen[0].end_timestamp, Some(lab.now));
}

#[test]
fn a_cancelled_wait_never_elapses() {
    let mut lab = waiting(10);

    let cancelled = lab.record(vec![U::cancel("w", Wait)]);

    assert_eq!(cancelled[0].status.as_str(), "CANCELLED");
    assert_eq!(lab.due_in(), Some(3_600), "only the execution timeout remains");
    lab.elapse(10);
    assert_eq!(lab.status("w"), "CANCELLED");
    assert_eq!(lab.history().last().unwrap(), "WaitCancelled w");
}

#[test]
fn timers_fire_in_chronological_order() {
    let mut lab = Lab::new();
    lab.record(vec![
        U::start_wait("slow", 30),
        U::start_wait("quick", 10),
        U::start_wait("quick-too", 10),
        U::retry("step", Step, None, Some(20)),
    ]);
    lab.answer(PENDING);

    lab.elapse(60);

    let reported = lab.history();
    assert_eq!(
        reported[reported.len() - 3..],
        ["WaitSucceeded quick", "WaitSucceeded quick-too", "WaitSucceeded slow"]
    );
    assert_eq!(lab.status("step"), "READY");
    assert_eq!(lab.invocations.len(), 2, "one invocation for all of them");
}

#[test]
fn event_times_never_decrease_even_if_the_clock_does() {
    let mut lab = waiting(10);
    let started = lab.now;
    lab.now = Timestamp::EPOCH;

    lab.record(vec![U::start_wait("second", 10)]);

    let second = lab.execution.operation("second").unwrap();
    assert_eq!(second.start_timestamp, Some(started));
}
