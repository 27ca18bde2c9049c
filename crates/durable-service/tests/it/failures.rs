//! Failed invocations: immediate retries and backoff.

use durable_service::{Command, InvocationEnd, Settings};
use durable_types::history::EventDetails;
use durable_types::{ExecutionStatus, OperationUpdate as U};

use crate::harness::{Harness, PENDING, SUCCEEDED, request};

/// Returns the errors of the invocations in the history.
fn errors(harness: &Harness) -> Vec<String> {
    let reported = durable_service::history(&harness.events);
    reported
        .iter()
        .filter_map(|event| match &event.details {
            EventDetails::InvocationCompleted(completed) => Some(completed),
            _ => None,
        })
        .map(|completed| completed.error.as_ref().and_then(|error| error.payload.as_ref()))
        .map(|error| error.map(ToString::to_string).unwrap_or_default())
        .collect()
}

#[test]
fn a_runtime_error_is_retried_at_once_three_times() {
    for error_type in ["Runtime.ExitError", "Sandbox.Crashed", "Extension.Crash"] {
        let mut harness = Harness::new();

        for _ in 0..3 {
            harness.fail(error_type);
            assert!(harness.is_busy());
        }
        harness.fail(error_type);

        assert!(!harness.is_busy());
        assert_eq!(harness.invocations.len(), 4);
        assert_eq!(harness.due_in(), Some(1), "then with backoff, like other errors");
        assert_eq!(errors(&harness), vec![format!("{error_type}: it broke"); 4]);
        assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
    }
}

#[test]
fn other_errors_are_retried_with_backoff() {
    for error_type in ["Sandbox.Timedout", "PaymentError", "RuntimeError"] {
        let mut harness = Harness::new();

        let mut delays = Vec::new();
        for _ in 0..11 {
            harness.fail(error_type);
            assert!(!harness.is_busy());
            let delay = harness.due_in().unwrap();
            delays.push(delay);
            harness.elapse(delay);
        }

        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], "{error_type}");
    }
}

#[test]
fn a_repaired_function_is_retried_at_once() {
    let mut harness = Harness::new();
    harness.fail("PaymentError");
    let waited = harness.is_busy();

    harness.handle(Command::FunctionRepaired).unwrap();

    assert!(!waited);
    assert!(harness.is_busy());
}

#[test]
fn a_repair_does_not_affect_an_execution_that_is_not_backing_off() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60)]);
    harness.answer(PENDING);

    harness.handle(Command::FunctionRepaired).unwrap();

    assert!(!harness.is_busy());
}

#[test]
fn failures_are_retried_until_the_execution_times_out() {
    let mut harness = Harness::new();

    while !harness.execution.is_closed() {
        if harness.is_busy() {
            harness.fail("PaymentError");
        }
        let due = harness.due_in().unwrap();
        harness.elapse(due);
    }

    assert_eq!(harness.execution_status(), &ExecutionStatus::TimedOut);
    assert_eq!(harness.history().last().unwrap(), "ExecutionTimedOut 0b1c");
}

#[test]
fn the_number_of_failures_can_be_limited() {
    let mut harness =
        Harness::with(request(), Settings { max_handler_errors: Some(2), ..Settings::default() });

    harness.fail("PaymentError");
    harness.elapse(1);
    harness.fail("PaymentError");

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
    assert_eq!(harness.error(), "PaymentError: it broke");
    assert_eq!(
        harness.history()[1..],
        ["InvocationCompleted", "InvocationCompleted", "ExecutionFailed 0b1c"]
    );
}

#[test]
fn nothing_shortens_the_backoff_after_a_failure() {
    let mut harness = Harness::with(
        request(),
        Settings {
            handler_error_backoff: durable_service::Backoff {
                initial: std::time::Duration::from_secs(60),
                max: std::time::Duration::from_secs(60),
            },
            ..Settings::default()
        },
    );
    harness.record(vec![U::start_wait("w", 10)]);
    harness.fail("PaymentError");

    harness.elapse(10);
    assert_eq!(harness.status("w"), "SUCCEEDED");
    assert!(!harness.is_busy());
    harness.elapse(50);

    assert!(harness.is_busy());
    assert_eq!(harness.last_invocation().input.updated_operation_ids.as_deref(), Some(&["w".into()][..]));
}

#[test]
fn a_valid_response_resets_the_failure_count() {
    let mut harness = Harness::new();
    for _ in 0..3 {
        harness.fail("Runtime.ExitError");
    }
    harness.fail("PaymentError");
    harness.elapse(1);
    harness.record(vec![U::start_wait("w", 10)]);
    harness.answer(PENDING);
    harness.elapse(10);

    harness.fail("Runtime.ExitError");
    assert!(harness.is_busy());
    harness.fail("PaymentError");
    assert_eq!(harness.due_in(), Some(1));
}

#[test]
fn a_lost_invocation_is_always_retried_at_once() {
    let mut harness = Harness::new();

    for _ in 0..10 {
        harness.end(InvocationEnd::Lost);
        assert!(harness.is_busy());
    }

    assert_eq!(errors(&harness)[0], "Runtime.ExitError: The service was restarted while the function ran.");
    harness.fail("Runtime.ExitError");
    assert!(harness.is_busy(), "a lost invocation does not count");
}

#[test]
fn an_invocation_lost_after_the_end_is_not_retried() {
    let mut harness = Harness::new();
    harness.record(vec![U::succeed("x", durable_types::OperationType::Execution, Some("1".to_owned()))]);

    harness.end(InvocationEnd::Lost);

    assert!(!harness.is_busy());
    assert_eq!(harness.execution.result(), Some("1"));
    assert_eq!(harness.invocations.len(), 1);
}

#[test]
fn every_invocation_receives_the_full_state_and_a_unique_id() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a")]);

    harness.fail("Runtime.ExitError");
    harness.answer(SUCCEEDED);

    let [first, second] = &harness.invocations[..] else { panic!("two invocations") };
    assert_ne!(first.request_id, second.request_id);
    assert_eq!(first.input.updated_operation_ids.as_deref(), Some(&[][..]));
    assert_eq!(
        second.input.updated_operation_ids.as_deref(),
        Some(&[][..]),
        "the first invocation received everything"
    );
    assert_eq!(second.input.initial_execution_state.operations.len(), 2);
    assert_eq!(second.input.durable_execution_arn, harness.execution.arn().as_str());
}
