//! Executions rebuilt from their events, as after a crash.

use durable_service::{Event, Execution, InvocationEnd, ReplayError};
use durable_types::OperationType::Step;
use durable_types::{ExecutionStatus, OperationUpdate as U};

use crate::harness::{Harness, PENDING, SUCCEEDED};

/// Rebuilds the execution from its stored events, as a new process does.
fn restart(mut harness: Harness) -> Harness {
    let rebuilt = Execution::replay(harness.events.clone()).unwrap();
    assert_eq!(rebuilt, harness.execution);
    harness.execution = rebuilt;
    harness
}

#[test]
fn timers_survive_a_restart() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60), U::retry("r", Step, None, Some(90))]);
    harness.answer(PENDING);

    let mut harness = restart(harness);

    assert_eq!(harness.due_in(), Some(60));
    harness.elapse(60);
    assert_eq!(harness.status("w"), "SUCCEEDED");
    assert!(harness.is_busy());
}

#[test]
fn the_backoff_after_a_failure_survives_a_restart() {
    let mut harness = Harness::new();
    harness.fail("PaymentError");
    harness.elapse(1);
    harness.fail("PaymentError");

    let mut harness = restart(harness);

    assert_eq!(harness.due_in(), Some(2));
    harness.elapse(2);
    harness.fail("PaymentError");
    assert_eq!(harness.due_in(), Some(4));
}

#[test]
fn an_invocation_in_flight_is_retried_after_a_restart() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a"), U::succeed("a", Step, Some("1".to_owned())), U::start_step("b")]);

    let mut harness = restart(harness);
    assert!(harness.is_busy());
    harness.end(InvocationEnd::Lost);

    assert_eq!(harness.invocations.len(), 2);
    assert_eq!(harness.last_invocation().input.initial_execution_state.operations.len(), 3);
    harness.record(vec![U::succeed("b", Step, None)]);
    harness.answer(SUCCEEDED);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
}

#[test]
fn a_retried_checkpoint_is_recognized_after_a_restart() {
    let mut harness = Harness::new();
    let request = harness.request(vec![U::start_step("a"), U::start_wait("w", 1)], Some("client-1"));
    let first = harness.send(request.clone()).unwrap();
    harness.elapse(1);

    let mut harness = restart(harness);

    assert_eq!(harness.send(request).unwrap(), first);
    assert_eq!(harness.record(vec![])[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn an_end_survives_a_restart() {
    let mut harness = Harness::new();
    harness.answer(SUCCEEDED);

    let harness = restart(harness);

    assert_eq!(harness.execution.result(), Some("1"));
    assert_eq!(harness.execution.next_due(), None);
}

#[test]
fn a_payload_of_the_maximum_size_survives_a_restart() {
    let mut harness = Harness::new();
    let payload = "x".repeat(harness.settings.max_operation_payload_bytes);
    harness.record(vec![U::succeed("a", Step, Some(payload.clone()))]);

    let mut harness = restart(harness);
    harness.end(InvocationEnd::Lost);

    let reported = &harness.last_invocation().input.initial_execution_state.operations[1];
    assert_eq!(reported.step_details().unwrap().result, Some(payload));
}

#[test]
fn events_that_do_not_form_an_execution_are_rejected() {
    let harness = Harness::new();
    let [started, invoked] = &harness.events[..] else { panic!("two events") };

    let replay =
        |events: &[&Event]| Execution::replay(events.iter().map(|event| (*event).clone())).unwrap_err();

    assert_eq!(replay(&[]), ReplayError::NoEvents);
    assert_eq!(replay(&[invoked]), ReplayError::NotStarted);
    assert_eq!(replay(&[started, invoked, started]), ReplayError::StartedAgain { position: 2 });
}
