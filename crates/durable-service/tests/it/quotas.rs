//! Quotas of an execution and their warnings.

use durable_service::{CallbackAnswer, Command, Execution, Quota, QuotaUse, Settings};
use durable_types::OperationType::Step;
use durable_types::{ErrorObject, ExecutionStatus, OperationUpdate as U};

use crate::harness::{Harness, SUCCEEDED, request};

fn with_operations(max_operations: usize) -> Harness {
    Harness::with(request(), Settings { max_operations, ..Settings::default() })
}

/// The input has 2 bytes.
fn with_data_bytes(max_data_bytes: usize) -> Harness {
    Harness::with(request(), Settings { max_data_bytes, ..Settings::default() })
}

fn step(id: &str, bytes: usize) -> Vec<U> {
    vec![U::start_step(id), U::succeed(id, Step, Some("x".repeat(bytes)))]
}

#[test]
fn exceeding_the_operations_quota_fails_the_execution() {
    let mut harness = Harness::with(request(), Settings { max_operations: 2, ..Settings::default() });
    harness.record(vec![U::start_step("a"), U::start_step("b")]);
    harness.record(vec![U::succeed("a", Step, None)]);

    let response = harness.checkpoint(vec![U::succeed("b", Step, None), U::start_step("c")]).unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Failed);
    assert_eq!(harness.error(), "ServiceQuotaExceededException: The execution has more than 2 operations.");
    assert_eq!(harness.status("b"), "STARTED", "the checkpoint is rejected as a whole");
    assert!(harness.execution.operation("c").is_none());
}

#[test]
fn an_execution_over_its_quota_may_still_end_operations() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a"), U::start_step("b")]);
    harness.settings.max_operations = 1;

    harness.record(vec![U::succeed("a", Step, None)]);

    assert_eq!(harness.execution_status(), &ExecutionStatus::Running);
}

#[test]
fn exceeding_the_data_quota_fails_the_execution() {
    let mut harness = with_data_bytes(100);
    harness.record(step("a", 50));

    let response = harness.checkpoint(step("b", 49)).unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(
        harness.error(),
        "ServiceQuotaExceededException: The execution has written more than 100 bytes."
    );
    assert!(harness.execution.operation("b").is_none(), "the checkpoint is rejected as a whole");
}

#[test]
fn data_up_to_the_quota_is_accepted() {
    let mut harness = with_data_bytes(100);
    harness.record(step("a", 98));
    assert_eq!(harness.execution.data_bytes(), 100);

    harness.record(vec![U::start_wait("w", 60), U::start_step("c")]);

    harness.answer(SUCCEEDED);
    assert_eq!(harness.execution_status(), &ExecutionStatus::Succeeded, "an end without data is accepted");
}

#[test]
fn every_write_counts_toward_the_data_quota() {
    let mut harness = Harness::new();
    let started = harness.record(vec![U::start_callback("k", None, None)]);
    let callback_id = started[0].callback_details().unwrap().callback_id.clone().unwrap();
    harness.record(vec![U::start_step("a"), U::retry("a", Step, Some("12345".to_owned()), Some(1))]);
    harness.advance(1);
    harness.record(vec![]);
    harness.record(vec![U::fail("a", Step, ErrorObject::new("E", "broke"))]);
    let answer = CallbackAnswer::Succeeded(Some("yes".to_owned()));

    harness.handle(Command::Callback { callback_id, answer }).unwrap();

    assert_eq!(harness.execution.data_bytes(), "{}".len() + "12345".len() + "Ebroke".len() + "yes".len());
    assert_eq!(
        Execution::replay(harness.events.clone()).unwrap().data_bytes(),
        harness.execution.data_bytes()
    );
}

#[test]
fn a_quota_warning_is_issued_once_at_80_percent() {
    let mut harness = with_operations(10);
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    for id in &ids[..7] {
        harness.record(step(id, 0));
    }
    assert_eq!(harness.warnings, []);

    for id in &ids[7..] {
        harness.record(step(id, 0));
    }

    assert_eq!(harness.warnings, [QuotaUse { quota: Quota::Operations, used: 8, max: 10 }]);
    assert_eq!(harness.warnings[0].to_string(), "the execution has 8 of at most 10 operations");
}

#[test]
fn a_warning_is_not_repeated_after_a_restart() {
    let mut harness = with_data_bytes(100);
    harness.record(step("a", 78));
    let warned = vec![QuotaUse { quota: Quota::DataBytes, used: 80, max: 100 }];
    assert_eq!(harness.warnings, warned);
    harness.execution = Execution::replay(harness.events.clone()).unwrap();

    harness.record(step("b", 10));

    assert_eq!(harness.warnings, warned);
    assert_eq!(harness.warnings[0].to_string(), "the execution has written 80 of at most 100 bytes");
}

#[test]
fn the_default_quotas_are_those_of_aws() {
    let settings = Settings::default();

    assert_eq!((settings.max_operations, settings.max_data_bytes), (30_000, 104_857_600));
}
