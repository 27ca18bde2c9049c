//! Size limits and redaction of payloads.

use durable_service::{Command, InvocationEnd, Settings, StartExecution};
use durable_types::OperationType::{Context, Execution, Step};
use durable_types::{ErrorObject, OperationUpdate as U};

use crate::harness::{Harness, request};

#[test]
fn payloads_of_operations_have_a_maximum_size() {
    let bytes = |count| Some("x".repeat(count));
    let mut harness = Harness::new();

    assert_eq!(
        harness.rejection(vec![U::succeed("a", Step, bytes(1_048_577))]),
        "STEP output payload size must be less than or equal to 1048576 bytes."
    );
    assert_eq!(
        harness.rejection(vec![U::retry("a", Step, bytes(1_048_577), Some(1))]),
        "STEP output payload size must be less than or equal to 1048576 bytes."
    );
    assert_eq!(
        harness.rejection(vec![U::succeed("a", Context, bytes(1_048_577))]),
        "CONTEXT output payload size must be less than or equal to 1048576 bytes."
    );
    harness.record(vec![U::succeed("a", Step, bytes(1_048_576))]);
}

#[test]
fn limits_are_configurable() {
    let raised = 2 * 1_048_576;
    let settings =
        Settings { max_operation_payload_bytes: raised, max_error_bytes: raised, ..Settings::default() };
    let mut harness = Harness::with(request(), settings);

    harness.record(vec![U::succeed("a", Step, Some("x".repeat(raised)))]);
    harness.record(vec![U::fail("b", Step, ErrorObject::new("", "x".repeat(raised)))]);

    assert_eq!((harness.status("a"), harness.status("b")), ("SUCCEEDED", "FAILED"));
}

#[test]
fn sizes_are_counted_in_bytes() {
    let settings = Settings { max_operation_payload_bytes: 10, ..Settings::default() };
    let mut harness = Harness::with(request(), settings);

    let text = harness.rejection(vec![U::succeed("a", Step, Some("ääääää".to_owned()))]);

    assert_eq!(text, "STEP output payload size must be less than or equal to 10 bytes.");
}

#[test]
fn the_members_of_an_error_have_a_maximum_total_size() {
    let mut harness = Harness::new();
    let error = ErrorObject::new("E", "x".repeat(600_000)).with_data("x".repeat(600_000));

    let text = harness.rejection(vec![U::fail("a", Step, error)]);

    assert_eq!(text, "Error object size must be less than 1048576 bytes.");
}

#[test]
fn the_execution_limit_applies_to_a_checkpointed_result() {
    let result = |bytes| vec![U::succeed("x", Execution, Some("x".repeat(bytes)))];
    let asynchronous = StartExecution { synchronous: false, ..request() };
    let mut asynchronous = Harness::with(asynchronous, Settings::default());
    let mut synchronous = Harness::new();

    assert_eq!(
        asynchronous.rejection(result(1_048_577)),
        "Execution output payload size must be less than or equal to 1048576 bytes."
    );
    assert_eq!(
        synchronous.rejection(result(6_291_457)),
        "Execution output payload size must be less than or equal to 6291456 bytes."
    );
    synchronous.record(result(6_291_456));
}

#[test]
fn debug_output_redacts_customer_data() {
    let secret = "4111-1111";
    let mut harness =
        Harness::with(StartExecution { input: Some(secret.to_owned()), ..request() }, Settings::default());
    let request = harness.request(
        vec![
            U::succeed("a", Step, Some(secret.to_owned())),
            U::fail("b", Step, ErrorObject::new("E", secret)),
            U::retry("c", Step, Some(secret.to_owned()), Some(1)),
            U::succeed("p", Context, Some(secret.to_owned())),
        ],
        None,
    );
    let checkpoint = Command::Checkpoint(request.clone());
    harness.send(request).unwrap();
    let answer = InvocationEnd::Answered(format!(r#"{{"Status":"SUCCEEDED","Result":"{secret}"}}"#).into());
    harness.end(answer.clone());

    let started = StartExecution { input: Some(secret.to_owned()), ..crate::harness::request() };
    let texts = [
        format!("{:?}", harness.events),
        format!("{:?}", harness.invocations),
        format!("{:?}", harness.execution),
        format!("{checkpoint:?}"),
        format!("{answer:?}"),
        format!("{started:?}"),
    ];
    for text in texts {
        assert!(!text.contains(secret), "{text}");
        assert!(!text.contains(&harness.token) || harness.token.is_empty());
    }
}
