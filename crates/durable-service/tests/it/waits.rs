//! Waits: time that passes with and without an invocation.

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
    lab.pass(60);

    assert_eq!(lab.status("w"), "SUCCEEDED");
    assert_eq!(lab.invocations.len(), 2);
    assert_eq!(lab.last_invocation().input.updated_operation_ids.as_deref(), Some(&["w".to_owned()][..]));
    assert_eq!(
        lab.told(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn the_history_of_a_wait_tells_its_duration() {
    let mut lab = waiting(60);
    let start = lab.now;
    lab.answer(PENDING);
    lab.pass(61);

    let told = durable_service::history(&lab.events);

    let EventDetails::WaitStarted(started) = &told[1].details else { panic!("{:?}", told[1]) };
    assert_eq!(started.duration, 60);
    assert_eq!(started.scheduled_end_timestamp, start.saturating_add(std::time::Duration::from_secs(60)));
    let EventDetails::WaitSucceeded(succeeded) = &told[3].details else { panic!("{:?}", told[3]) };
    assert_eq!(succeeded.duration, Some(60));
    assert_eq!(told[3].event_timestamp, lab.now);
    assert_eq!(told[3].name.as_deref(), Some("settle"));
}

#[test]
fn a_timer_that_comes_too_early_or_twice_does_nothing() {
    let mut lab = waiting(60);
    lab.answer(PENDING);
    let before = lab.execution.clone();

    lab.pass(59);
    assert_eq!(lab.execution, before);

    lab.pass(1);
    let after = lab.execution.clone();
    lab.pass(0);
    assert_eq!(lab.execution, after);
}

#[test]
fn a_wait_counts_from_its_start_and_not_from_the_end_of_the_invocation() {
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
        lab.told(),
        ["ExecutionStarted 0b1c", "WaitStarted w", "InvocationCompleted", "WaitSucceeded w"]
    );
}

#[test]
fn a_wait_that_ends_during_an_invocation_invokes_again_after_it() {
    let mut lab = waiting(10);

    lab.pass(10);
    assert_eq!(lab.invocations.len(), 1, "one invocation at a time");
    lab.answer(PENDING);

    assert_eq!(lab.invocations.len(), 2);
}

#[test]
fn a_wait_whose_end_the_function_has_seen_does_not_invoke_it_again() {
    let mut lab = waiting(10);
    lab.record(vec![U::start_wait("later", 600)]);
    lab.pass(10);
    let seen = lab.record(vec![]);
    assert_eq!(ids(&seen), ["w"]);

    lab.answer(PENDING);

    assert!(!lab.is_busy());
    assert_eq!(lab.due_in(), Some(590));
}

#[test]
fn an_empty_checkpoint_tells_which_waits_are_over() {
    let mut lab = waiting(10);
    lab.advance(10);

    let seen = lab.record(vec![]);

    assert_eq!(ids(&seen), ["w"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
    assert_eq!(seen[0].end_timestamp, Some(lab.now));
}

#[test]
fn a_cancelled_wait_is_over_and_never_ends_again() {
    let mut lab = waiting(10);

    let cancelled = lab.record(vec![U::cancel("w", Wait)]);

    assert_eq!(cancelled[0].status.as_str(), "CANCELLED");
    assert_eq!(lab.due_in(), Some(3_600), "nothing is left but the execution timeout");
    lab.pass(10);
    assert_eq!(lab.status("w"), "CANCELLED");
    assert_eq!(lab.told().last().unwrap(), "WaitCancelled w");
}

#[test]
fn timers_go_off_in_the_order_of_their_time() {
    let mut lab = Lab::new();
    lab.record(vec![
        U::start_wait("slow", 30),
        U::start_wait("quick", 10),
        U::start_wait("quick-too", 10),
        U::retry("step", Step, None, Some(20)),
    ]);
    lab.answer(PENDING);

    lab.pass(60);

    let told = lab.told();
    assert_eq!(
        told[told.len() - 3..],
        ["WaitSucceeded quick", "WaitSucceeded quick-too", "WaitSucceeded slow"]
    );
    assert_eq!(lab.status("step"), "READY");
    assert_eq!(lab.invocations.len(), 2, "one invocation for all of them");
}

#[test]
fn a_clock_that_runs_backwards_does_not_turn_time_back() {
    let mut lab = waiting(10);
    let started = lab.now;
    lab.now = Timestamp::EPOCH;

    lab.record(vec![U::start_wait("second", 10)]);

    let second = lab.execution.operation("second").unwrap();
    assert_eq!(second.start_timestamp, Some(started));
}
