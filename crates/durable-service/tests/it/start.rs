//! Starts of executions.

use durable_service::{Execution, Settings, StartExecution};
use durable_types::api::ServiceErrorKind;
use durable_types::{DurableConfig, ExecutionStatus, Timestamp};

use crate::harness::{Harness, arn, request};

fn rejected(request: StartExecution) -> (ServiceErrorKind, String) {
    let error = Execution::start(request, &Settings::default(), Timestamp::EPOCH).unwrap_err();
    (error.kind, error.message)
}

#[test]
fn an_execution_starts_with_an_invocation() {
    let harness = Harness::new();

    let input = &harness.last_invocation().input;
    let [operation] = &input.initial_execution_state.operations[..] else { panic!("one operation") };
    assert_eq!(operation.id, "0b1c");
    assert_eq!(operation.operation_type.as_str(), "EXECUTION");
    assert_eq!(operation.status.as_str(), "STARTED");
    assert_eq!(operation.execution_details().unwrap().input_payload.as_deref(), Some("{}"));
    assert_eq!(input.initial_execution_state.next_marker, None);
    assert_eq!(input.updated_operation_ids.as_deref(), Some(&[][..]));
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c"]);
}

#[test]
fn an_execution_exposes_its_start_parameters() {
    let harness = Harness::new();
    let execution = &harness.execution;

    assert_eq!(execution.arn(), &arn());
    assert_eq!(execution.status(), &ExecutionStatus::Running);
    assert_eq!(execution.input(), Some("{}"));
    assert_eq!(execution.start_timestamp(), harness.now);
    assert_eq!(execution.end_timestamp(), None);
    assert_eq!(execution.durable_config(), &request().durable_config);
    assert_eq!(execution.execution_timeout(), 3_600);
    assert_eq!(execution.invocation_count(), 1);
    assert_eq!(execution.invocation_in_flight(), Some(harness.last_invocation().request_id.as_str()));
    assert!(execution.is_synchronous());
    assert_eq!(execution.headers(), &request().headers);
}

#[test]
fn an_input_has_a_maximum_size() {
    let with =
        |synchronous, bytes| StartExecution { synchronous, input: Some("x".repeat(bytes)), ..request() };

    for (synchronous, max_bytes) in [(true, 6_291_456), (false, 1_048_576)] {
        Harness::with(with(synchronous, max_bytes), Settings::default());
        let (kind, message) = rejected(with(synchronous, max_bytes + 1));

        assert_eq!(kind, ServiceErrorKind::RequestTooLarge);
        assert_eq!(
            message,
            format!("Request must be smaller than {max_bytes} bytes for the InvokeFunction operation")
        );
    }
}

#[test]
fn durable_settings_out_of_range_are_rejected() {
    for timeout in [0, 31_622_401] {
        let durable_config = DurableConfig::default().with_execution_timeout(timeout);
        let expected = durable_config.validate().unwrap_err().to_string();

        let rejected = rejected(StartExecution { durable_config, ..request() });

        assert_eq!(rejected, (ServiceErrorKind::InvalidParameterValue, expected));
    }
}
