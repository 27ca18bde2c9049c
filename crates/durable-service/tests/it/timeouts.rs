//! Execution timeouts.

use durable_service::{Settings, StartExecution};
use durable_types::history::EventDetails;
use durable_types::{DurableConfig, ExecutionStatus, OperationUpdate as U};

use crate::harness::{Harness, PENDING, SUCCEEDED, request};

#[test]
fn an_execution_times_out() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 86_400)]);
    harness.answer(PENDING);
    assert_eq!(harness.due_in(), Some(3_600));

    harness.elapse(3_600);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(harness.error(), "Execution timed out after 3600 seconds.");
    assert_eq!(harness.status("0b1c"), "TIMED_OUT");
    assert_eq!(harness.status("w"), "STARTED", "open operations are unchanged");
    assert_eq!(harness.closed, 1);
    assert_eq!(harness.execution.next_due(), None);
    harness.elapse(86_400);
    assert_eq!(harness.history().last().unwrap(), "ExecutionTimedOut 0b1c");
}

#[test]
fn the_history_shows_no_error_for_a_timeout() {
    let mut harness = Harness::new();
    harness.elapse(3_600);

    let reported = durable_service::history(&harness.events);

    let EventDetails::ExecutionTimedOut(details) = &reported[1].details else { panic!("{:?}", reported[1]) };
    assert_eq!(details.error, None);
}

#[test]
fn a_timeout_during_an_invocation_takes_precedence_over_its_response() {
    let mut harness = Harness::new();
    harness.elapse(3_600);
    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);

    harness.answer(SUCCEEDED);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(harness.execution.result(), None);
    assert_eq!(harness.closed, 1);
    assert!(!harness.is_busy());
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "ExecutionTimedOut 0b1c", "InvocationCompleted"]);
}

#[test]
fn a_response_after_the_deadline_does_not_count_even_before_the_timer_fires() {
    let mut harness = Harness::new();
    harness.advance(3_600);

    harness.answer(SUCCEEDED);

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionTimedOut 0b1c"]);
}

#[test]
fn a_checkpoint_after_the_deadline_is_rejected() {
    let mut harness = Harness::new();
    harness.advance(3_600);
    assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");

    harness.elapse(0);
    assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");
    assert_eq!(harness.state_page(None, None).unwrap_err().message, "Invalid checkpoint token");
}

#[test]
fn a_failure_after_the_deadline_is_not_retried() {
    let mut harness = Harness::new();
    harness.advance(3_600);

    harness.fail("Runtime.ExitError");

    assert!(!harness.is_busy());
    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn the_default_execution_timeout_is_366_days() {
    let request = StartExecution { durable_config: DurableConfig::default(), ..request() };

    let harness = Harness::with(request, Settings::default());

    assert_eq!(harness.execution.execution_timeout(), 31_622_400);
    assert_eq!(harness.due_in(), Some(31_622_400));
    let reported = durable_service::history(&harness.events);
    let EventDetails::ExecutionStarted(started) = &reported[0].details else { panic!("{:?}", reported[0]) };
    assert_eq!(started.execution_timeout, 31_622_400);
}
