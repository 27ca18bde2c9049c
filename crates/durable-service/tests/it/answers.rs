//! Responses of the function and how they end the execution.

use durable_service::InvocationEnd;
use durable_types::ExecutionStatus;
use durable_types::OperationType::Step;
use durable_types::history::EventDetails;
use durable_types::{OperationUpdate as U, limits};

use crate::harness::{Harness, PENDING, SUCCEEDED, request};

/// Returns the error of an execution whose function returned this response.
fn error_of(body: &str) -> String {
    let mut harness = Harness::new();
    harness.answer(body);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed, "{body}");
    assert_eq!(harness.closed, 1);
    assert_eq!(harness.invocations.len(), 1, "the invocation is not retried");
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionFailed 0b1c"]);
    harness.error()
}

#[test]
fn a_result_ends_the_execution() {
    let mut harness = Harness::new();
    harness.advance(3);

    harness.answer(r#"{"Status":"SUCCEEDED","Result":"{\"a\":1}"}"#);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(harness.execution.result(), Some("{\"a\":1}"));
    assert_eq!(harness.execution.error(), None);
    assert_eq!(harness.execution.end_timestamp(), Some(harness.now));
    assert_eq!(harness.status("0b1c"), "SUCCEEDED");
    assert_eq!(harness.closed, 1);
    assert_eq!(harness.execution.next_due(), None);
    assert_eq!(
        harness.history(),
        ["ExecutionStarted 0b1c", "InvocationCompleted", "ExecutionSucceeded 0b1c"]
    );
}

#[test]
fn a_result_is_optional() {
    for body in [r#"{"Status":"SUCCEEDED"}"#, r#"{"Status":"SUCCEEDED","Result":null,"Error":null}"#] {
        let mut harness = Harness::new();

        harness.answer(body);

        assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
        assert_eq!(harness.execution.result(), None);
    }
}

#[test]
fn an_error_ends_the_execution() {
    let body = r#"{"Status":"FAILED","Error":{"ErrorType":"PaymentError","ErrorMessage":"declined"}}"#;

    assert_eq!(error_of(body), "PaymentError: declined");
}

#[test]
fn a_failure_without_an_error_is_a_failure() {
    assert_eq!(error_of(r#"{"Status":"FAILED"}"#), "");
}

#[test]
fn contradictory_responses_fail_the_execution() {
    assert_eq!(
        error_of(r#"{"Status":"FAILED","Result":"1"}"#),
        "InvalidParameterValueException: Cannot provide a Result for FAILED status."
    );
    assert_eq!(
        error_of(r#"{"Status":"SUCCEEDED","Error":{}}"#),
        "InvalidParameterValueException: Cannot provide an Error for SUCCEEDED status."
    );
}

#[test]
fn malformed_responses_fail_the_execution() {
    let texts = [
        ("", "EOF while parsing a value"),
        ("hello", "expected value"),
        ("\"hello\"", "invalid type"),
        ("null", "invalid type"),
        ("{}", "Status is missing; is the function a durable function?"),
        (r#"{"Result":"1"}"#, "Status is missing; is the function a durable function?"),
        (r#"{"Status":"DONE"}"#, r#"unknown Status "DONE""#),
        (r#"{"Status":"SUCCEEDED","Result":1}"#, "invalid type: integer `1`, expected a string"),
        (r#"{"Status":"PENDING"} and more"#, "trailing characters"),
    ];
    for (body, problem) in texts {
        let error = error_of(body);

        let start = format!("InvalidParameterValueException: Invalid invocation output: {problem}");
        assert!(error.starts_with(&start), "{body}: {error}");
    }
}

#[test]
fn an_answer_that_is_not_utf_8_ends_the_execution() {
    let mut harness = Harness::new();

    harness.end(InvocationEnd::Answered(b"{\"Status\":\"SUCCEEDED\",\"Result\":\"\xff\"}".to_vec()));

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
    let start = "InvalidParameterValueException: Invalid invocation output: invalid unicode code point";
    assert!(harness.error().starts_with(start), "{}", harness.error());
}

#[test]
fn pending_without_a_pending_operation_is_tolerated_twice() {
    let mut harness = Harness::new();

    harness.answer(PENDING);
    harness.answer(PENDING);
    assert_eq!(harness.invocations.len(), 3);
    harness.answer(PENDING);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
    assert_eq!(
        harness.error(),
        "InvalidParameterValueException: Cannot return PENDING status with no pending operations."
    );
    let reported = harness.history();
    assert_eq!(reported.iter().filter(|event| *event == "InvocationCompleted").count(), 3);
    assert_eq!(reported.last().unwrap(), "ExecutionFailed 0b1c");
}

#[test]
fn a_running_step_is_not_a_pending_operation() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a"), U::start_context("p", "Map")]);

    for _ in 0..3 {
        harness.answer(PENDING);
    }

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
}

#[test]
fn a_valid_response_resets_the_count_of_idle_responses() {
    let mut harness = Harness::new();
    harness.answer(PENDING);
    harness.answer(PENDING);
    harness.record(vec![U::start_wait("w", 1)]);
    harness.answer(PENDING);
    harness.elapse(1);

    harness.answer(PENDING);
    harness.answer(PENDING);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
}

#[test]
fn pending_is_valid_while_there_is_a_delta() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 1)]);
    harness.elapse(1);
    assert!(
        !harness
            .execution
            .operations()
            .any(|operation| operation.status.as_str() == "STARTED" && operation.id == "w")
    );

    for _ in 0..3 {
        harness.answer(PENDING);
    }

    assert_eq!(harness.execution_status(), &ExecutionStatus::Running, "the first response was valid");
}

#[test]
fn a_checkpointed_result_ends_the_execution_once() {
    let mut harness = Harness::new();
    let large = "x".repeat(limits::MAX_INVOCATION_OUTPUT_BYTES + 1);

    let response = harness
        .checkpoint(vec![U::succeed(
            "execution-result-1",
            durable_types::OperationType::Execution,
            Some(large.clone()),
        )])
        .unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(harness.closed, 1);
    harness.answer(r#"{"Status":"SUCCEEDED","Result":""}"#);
    assert_eq!(harness.execution.result(), Some(large.as_str()));
    assert_eq!(harness.closed, 1);
    assert_eq!(
        harness.history(),
        ["ExecutionStarted 0b1c", "ExecutionSucceeded 0b1c", "InvocationCompleted"]
    );
}

#[test]
fn a_checkpointed_error_ends_the_execution() {
    let mut harness = Harness::new();
    let error = durable_types::ErrorObject::new("PaymentError", "declined");

    harness.record(vec![
        U::start_step("a"),
        U::succeed("a", Step, None),
        U::fail("0b1c", durable_types::OperationType::Execution, error.clone()),
    ]);
    harness.answer(r#"{"Status":"FAILED"}"#);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
    assert_eq!(harness.execution.error(), Some(&error));
    assert_eq!(harness.status("a"), "SUCCEEDED");
}

#[test]
fn the_result_of_an_asynchronous_execution_is_at_most_a_megabyte() {
    let body = |bytes: usize| format!(r#"{{"Status":"SUCCEEDED","Result":"{}"}}"#, "x".repeat(bytes));
    let asynchronous = || {
        Harness::with(
            durable_service::StartExecution { synchronous: false, ..request() },
            durable_service::Settings::default(),
        )
    };

    let mut fits = asynchronous();
    fits.answer(&body(1_048_576));
    let mut exceeds = asynchronous();
    exceeds.answer(&body(1_048_577));

    assert_eq!(fits.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(
        exceeds.error(),
        "InvalidParameterValueException: \
         Execution output payload size must be less than or equal to 1048576 bytes."
    );
}

#[test]
fn the_result_of_a_synchronous_execution_is_at_most_six_megabytes() {
    let body = |bytes: usize| format!(r#"{{"Status":"SUCCEEDED","Result":"{}"}}"#, "x".repeat(bytes));
    let mut fits = Harness::new();
    fits.answer(&body(limits::MAX_INVOCATION_OUTPUT_BYTES));

    assert_eq!(fits.execution_status(), &ExecutionStatus::Succeeded);
    assert_eq!(
        error_of(&body(6_291_457)),
        "InvalidParameterValueException: \
         Execution output payload size must be less than or equal to 6291456 bytes."
    );
}

#[test]
fn a_response_beyond_the_invocation_limit_fails_the_invocation() {
    let mut harness = Harness::new();
    harness.answer(&"x".repeat(6_291_557));

    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
    assert_eq!(harness.due_in(), Some(1), "like any other failure");
    let reported = durable_service::history(&harness.events);
    let EventDetails::InvocationCompleted(completed) = &reported[1].details else {
        panic!("{:?}", reported[1])
    };
    assert_eq!(
        completed.error.as_ref().unwrap().payload.as_ref().unwrap().to_string(),
        "Function.ResponseSizeTooLarge: \
         Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    );
}

#[test]
fn an_error_in_a_response_is_at_most_a_megabyte() {
    let body = format!(r#"{{"Status":"FAILED","Error":{{"ErrorMessage":"{}"}}}}"#, "x".repeat(1_048_577));

    assert_eq!(
        error_of(&body),
        "InvalidParameterValueException: Error object size must be less than 1048576 bytes."
    );
}

#[test]
fn the_end_of_another_invocation_is_rejected() {
    let mut harness = Harness::new();
    let before = harness.execution.clone();
    let end = InvocationEnd::Answered(SUCCEEDED.into());
    let command = durable_service::Command::InvocationEnded { request_id: "another".to_owned(), end };

    let error = harness.handle(command).unwrap_err();

    assert_eq!(error.message, "Invocation another is not in flight.");
    assert_eq!(harness.execution, before);
}

#[test]
fn the_history_shows_the_times_and_request_id_of_an_invocation() {
    let mut harness = Harness::new();
    let start = harness.now;
    harness.advance(3);
    harness.answer(SUCCEEDED);

    let reported = durable_service::history(&harness.events);

    let EventDetails::InvocationCompleted(completed) = &reported[1].details else {
        panic!("{:?}", reported[1])
    };
    assert_eq!(completed.start_timestamp, start);
    assert_eq!(completed.end_timestamp, harness.now);
    assert_eq!(completed.request_id, harness.last_invocation().request_id);
    assert_eq!(completed.error, None);
}
