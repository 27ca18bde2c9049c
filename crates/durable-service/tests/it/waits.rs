//! Waits that elapse with and without an invocation in flight.

use durable_types::OperationType::{Step, Wait};
use durable_types::history::EventDetails;
use durable_types::{OperationUpdate as U, Timestamp};

use crate::harness::{Harness, PENDING, ids};

fn waiting(seconds: u64) -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", seconds).with_name("settle")]);
    harness
}

#[test]
fn a_wait_ends_and_invokes_the_function() {
    let mut harness = waiting(60);
    harness.answer(PENDING);

    assert_eq!(harness.due_in(), Some(60));
    harness.elapse(60);

    assert_eq!(harness.status("w"), "SUCCEEDED");
    assert_eq!(harness.invocations.len(), 2);
    assert_eq!(harness.last_invocation().input.updated_operation_ids.as_deref(), Some(&["w".into()][..]));
    assert_eq!(
        harness.history(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn the_history_shows_the_duration_of_a_wait() {
    let mut harness = waiting(60);
    let start = harness.now;
    harness.answer(PENDING);
    harness.elapse(61);

    let reported = durable_service::history(&harness.events);

    let EventDetails::WaitStarted(started) = &reported[1].details else { panic!("{:?}", reported[1]) };
    assert_eq!(started.duration, 60);
    assert_eq!(started.scheduled_end_timestamp, start.saturating_add(std::time::Duration::from_secs(60)));
    let EventDetails::WaitSucceeded(succeeded) = &reported[3].details else { panic!("{:?}", reported[3]) };
    assert_eq!(succeeded.duration, Some(60));
    assert_eq!(reported[3].event_timestamp, harness.now);
    assert_eq!(reported[3].name.as_deref(), Some("settle"));
}

#[test]
fn an_early_or_repeated_timer_has_no_effect() {
    let mut harness = waiting(60);
    harness.answer(PENDING);
    let before = harness.execution.clone();

    harness.elapse(59);
    assert_eq!(harness.execution, before);

    harness.elapse(1);
    let after = harness.execution.clone();
    harness.elapse(0);
    assert_eq!(harness.execution, after);
}

#[test]
fn a_wait_is_measured_from_its_start_not_from_the_end_of_the_invocation() {
    let mut harness = waiting(10);
    harness.advance(7);

    harness.answer(PENDING);

    assert_eq!(harness.due_in(), Some(3));
}

#[test]
fn a_wait_that_is_due_when_the_invocation_ends_invokes_again_at_once() {
    let mut harness = waiting(10);
    harness.advance(10);

    harness.answer(PENDING);

    assert_eq!(harness.invocations.len(), 2);
    assert_eq!(
        harness.history(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn a_wait_that_ends_during_an_invocation_invokes_again_after_it() {
    let mut harness = waiting(10);

    harness.elapse(10);
    assert_eq!(harness.invocations.len(), 1, "one invocation at a time");
    harness.answer(PENDING);

    assert_eq!(harness.invocations.len(), 2);
}

#[test]
fn a_wait_whose_end_was_returned_does_not_invoke_again() {
    let mut harness = waiting(10);
    harness.record(vec![U::start_wait("later", 600)]);
    harness.elapse(10);
    let seen = harness.record(vec![]);
    assert_eq!(ids(&seen), ["w"]);

    harness.answer(PENDING);

    assert!(!harness.is_busy());
    assert_eq!(harness.due_in(), Some(590));
}

#[test]
fn an_empty_checkpoint_returns_elapsed_waits() {
    let mut harness = waiting(10);
    harness.advance(10);

    let seen = harness.record(vec![]);

    assert_eq!(ids(&seen), ["w"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
    assert_eq!(seen[0].end_timestamp, Some(harness.now));
}

#[test]
fn a_cancelled_wait_never_elapses() {
    let mut harness = waiting(10);

    let cancelled = harness.record(vec![U::cancel("w", Wait)]);

    assert_eq!(cancelled[0].status.as_str(), "CANCELLED");
    assert_eq!(harness.due_in(), Some(3_600), "only the execution timeout remains");
    harness.elapse(10);
    assert_eq!(harness.status("w"), "CANCELLED");
    assert_eq!(harness.history().last().unwrap(), "WaitCancelled w");
}

#[test]
fn timers_fire_in_chronological_order() {
    let mut harness = Harness::new();
    harness.record(vec![
        U::start_wait("slow", 30),
        U::start_wait("quick", 10),
        U::start_wait("quick-too", 10),
        U::retry("step", Step, None, Some(20)),
    ]);
    harness.answer(PENDING);

    harness.elapse(60);

    let reported = harness.history();
    assert_eq!(
        reported[reported.len() - 3..],
        ["WaitSucceeded quick", "WaitSucceeded quick-too", "WaitSucceeded slow"]
    );
    assert_eq!(harness.status("step"), "READY");
    assert_eq!(harness.invocations.len(), 2, "one invocation for all of them");
}

#[test]
fn event_times_never_decrease_even_if_the_clock_does() {
    let mut harness = waiting(10);
    let started = harness.now;
    harness.now = Timestamp::EPOCH;

    harness.record(vec![U::start_wait("second", 10)]);

    let second = harness.execution.operation("second").unwrap();
    assert_eq!(second.start_timestamp, Some(started));
}
