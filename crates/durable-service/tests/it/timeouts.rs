//! The time an execution may take.

use durable_service::{Settings, StartExecution};
use durable_types::history::EventDetails;
use durable_types::{DurableConfig, ExecutionStatus, OperationUpdate as U};

use crate::lab::{Lab, PENDING, SUCCEEDED, request};

#[test]
fn an_execution_times_out() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 86_400)]);
    lab.answer(PENDING);
    assert_eq!(lab.due_in(), Some(3_600));

    lab.pass(3_600);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(lab.error(), "Execution timed out after 3600 seconds.");
    assert_eq!(lab.status("0b1c"), "TIMED_OUT");
    assert_eq!(lab.status("w"), "STARTED", "what was under way stays so");
    assert_eq!(lab.closed, 1);
    assert_eq!(lab.execution.next_due(), None);
    lab.pass(86_400);
    assert_eq!(lab.told().last().unwrap(), "ExecutionTimedOut 0b1c");
}

#[test]
fn the_history_tells_no_error_of_a_timeout() {
    let mut lab = Lab::new();
    lab.pass(3_600);

    let told = durable_service::history(&lab.events);

    let EventDetails::ExecutionTimedOut(details) = &told[1].details else { panic!("{:?}", told[1]) };
    assert_eq!(details.error, None);
}

#[test]
fn a_timeout_during_an_invocation_wins_over_its_answer() {
    let mut lab = Lab::new();
    lab.pass(3_600);
    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);

    lab.answer(SUCCEEDED);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(lab.execution.result(), None);
    assert_eq!(lab.closed, 1);
    assert!(!lab.is_busy());
    assert_eq!(lab.told(), ["ExecutionStarted 0b1c", "ExecutionTimedOut 0b1c", "InvocationCompleted"]);
}

#[test]
fn an_answer_that_comes_after_the_time_is_too_late_even_if_no_timer_went_off() {
    let mut lab = Lab::new();
    lab.advance(3_600);

    lab.answer(SUCCEEDED);

    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(lab.told(), ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionTimedOut 0b1c"]);
}

#[test]
fn a_checkpoint_that_comes_after_the_time_is_refused() {
    let mut lab = Lab::new();
    lab.advance(3_600);
    assert_eq!(lab.refusal(vec![]), "Invalid checkpoint token");

    lab.pass(0);
    assert_eq!(lab.refusal(vec![]), "Invalid checkpoint token");
    assert_eq!(lab.state_page(None, None).unwrap_err().message, "Invalid checkpoint token");
}

#[test]
fn a_failure_after_the_time_is_not_tried_again() {
    let mut lab = Lab::new();
    lab.advance(3_600);

    lab.fail("Runtime.ExitError");

    assert!(!lab.is_busy());
    assert_eq!(lab.execution_status(), &ExecutionStatus::TimedOut);
}

#[test]
fn an_execution_whose_function_sets_no_timeout_takes_at_most_a_year() {
    let request = StartExecution { durable_config: DurableConfig::default(), ..request() };

    let lab = Lab::with(request, Settings::default());

    assert_eq!(lab.execution.execution_timeout(), 31_622_400);
    assert_eq!(lab.due_in(), Some(31_622_400));
    let told = durable_service::history(&lab.events);
    let EventDetails::ExecutionStarted(started) = &told[0].details else { panic!("{:?}", told[0]) };
    assert_eq!(started.execution_timeout, 31_622_400);
}
