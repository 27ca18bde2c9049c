//! Executions rebuilt from their events, as after a crash.

use durable_service::{Event, Execution, InvocationEnd, ReplayError};
use durable_types::OperationType::Step;
use durable_types::{ExecutionStatus, OperationUpdate as U};

use crate::lab::{Lab, PENDING, SUCCEEDED};

/// Rebuilds the execution from its stored events, as a new process does.
fn restart(mut lab: Lab) -> Lab {
    let rebuilt = Execution::replay(lab.events.clone()).unwrap();
    assert_eq!(rebuilt, lab.execution);
    lab.execution = rebuilt;
    lab
}

#[test]
fn timers_survive_a_restart() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 60), U::retry("r", Step, None, Some(90))]);
    lab.answer(PENDING);

    let mut lab = restart(lab);

    assert_eq!(lab.due_in(), Some(60));
    lab.elapse(60);
    assert_eq!(lab.status("w"), "SUCCEEDED");
    assert!(lab.is_busy());
}

#[test]
fn the_backoff_after_a_failure_survives_a_restart() {
    let mut lab = Lab::new();
    lab.fail("PaymentError");
    lab.elapse(1);
    lab.fail("PaymentError");

    let mut lab = restart(lab);

    assert_eq!(lab.due_in(), Some(2));
    lab.elapse(2);
    lab.fail("PaymentError");
    assert_eq!(lab.due_in(), Some(4));
}

#[test]
fn an_invocation_in_flight_is_retried_after_a_restart() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a"), U::succeed("a", Step, Some("1".to_owned())), U::start_step("b")]);

    let mut lab = restart(lab);
    assert!(lab.is_busy());
    lab.end(InvocationEnd::Lost);

    assert_eq!(lab.invocations.len(), 2);
    assert_eq!(lab.last_invocation().input.initial_execution_state.operations.len(), 3);
    lab.record(vec![U::succeed("b", Step, None)]);
    lab.answer(SUCCEEDED);
    assert_eq!(lab.execution_status(), &ExecutionStatus::Succeeded);
}

#[test]
fn a_retried_checkpoint_is_recognized_after_a_restart() {
    let mut lab = Lab::new();
    let request = lab.request(vec![U::start_step("a"), U::start_wait("w", 1)], Some("client-1"));
    let first = lab.send(request.clone()).unwrap();
    lab.elapse(1);

    let mut lab = restart(lab);

    assert_eq!(lab.send(request).unwrap(), first);
    assert_eq!(lab.record(vec![])[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn an_end_survives_a_restart() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);

    let lab = restart(lab);

    assert_eq!(lab.execution.result(), Some("1"));
    assert_eq!(lab.execution.next_due(), None);
}

#[test]
fn a_payload_of_the_maximum_size_survives_a_restart() {
    let mut lab = Lab::new();
    let payload = "x".repeat(lab.settings.max_operation_payload_bytes);
    lab.record(vec![U::succeed("a", Step, Some(payload.clone()))]);

    let mut lab = restart(lab);
    lab.end(InvocationEnd::Lost);

    let reported = &lab.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(reported.step_details.as_ref().unwrap().result, Some(payload));
}

#[test]
fn events_that_do_not_form_an_execution_are_rejected() {
    let lab = Lab::new();
    let [started, invoked] = &lab.events[..] else { panic!("two events") };

    let replay =
        |events: &[&Event]| Execution::replay(events.iter().map(|event| (*event).clone())).unwrap_err();

    assert_eq!(replay(&[]), ReplayError::NoEvents);
    assert_eq!(replay(&[invoked]), ReplayError::NotStarted);
    assert_eq!(replay(&[started, invoked, started]), ReplayError::StartedAgain { position: 2 });
}
