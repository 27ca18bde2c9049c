//! Customer data and credentials do not show in logs.

use std::fmt::Debug;

use durable_types::api::*;
use durable_types::history::*;
use durable_types::*;

const SECRET: &str = "s3cr3t";

fn secret() -> String {
    SECRET.to_owned()
}

fn error() -> ErrorObject {
    ErrorObject {
        error_type: Some("PaymentError".to_owned()),
        error_message: Some(secret()),
        error_data: Some(secret()),
        stack_trace: Some(vec![secret()]),
    }
}

fn assert_hidden(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

fn operation() -> Operation {
    let mut operation = Operation::new("charge-1", OperationType::Step, OperationStatus::Failed);
    operation.execution_details = Some(Box::new(ExecutionDetails { input_payload: Some(secret()) }));
    operation.context_details = Some(Box::new(ContextDetails {
        replay_children: None,
        result: Some(secret()),
        error: Some(error()),
    }));
    operation.step_details = Some(Box::new(StepDetails {
        result: Some(secret()),
        error: Some(error()),
        ..StepDetails::default()
    }));
    operation.callback_details = Some(Box::new(CallbackDetails {
        result: Some(secret()),
        error: Some(error()),
        ..CallbackDetails::default()
    }));
    operation.chained_invoke_details =
        Some(Box::new(ChainedInvokeDetails { result: Some(secret()), error: Some(error()) }));
    operation
}

#[test]
fn updates_and_operations_show_sizes_only() {
    let succeed = OperationUpdate::succeed("charge-1", OperationType::Step, Some(secret()));
    let fail = OperationUpdate::fail("charge-1", OperationType::Step, error());

    assert_hidden(&succeed);
    assert_hidden(&fail);
    assert_hidden(&operation());
    assert!(format!("{succeed:?}").contains("<6 bytes redacted>"), "{succeed:?}");
    assert!(format!("{fail:?}").contains("PaymentError"), "{fail:?}");
}

#[test]
fn invocations_show_neither_tokens_nor_payloads() {
    assert_hidden(&InvocationInput {
        durable_execution_arn: "arn".to_owned(),
        checkpoint_token: secret(),
        initial_execution_state: InitialExecutionState { operations: vec![operation()], next_marker: None },
        updated_operation_ids: None,
    });
    assert_hidden(&InvocationOutput::Succeeded { result: Some(secret()) });
    assert_hidden(&InvocationOutput::Failed { error: Some(error()) });
}

#[test]
fn checkpoints_show_neither_tokens_nor_payloads() {
    assert_hidden(&CheckpointRequest {
        durable_execution_arn: "arn".to_owned(),
        checkpoint_token: secret(),
        updates: vec![OperationUpdate::succeed("charge-1", OperationType::Step, Some(secret()))],
        client_token: Some(secret()),
    });
    assert_hidden(&CheckpointResponse {
        checkpoint_token: Some(secret()),
        new_execution_state: CheckpointUpdatedExecutionState {
            operations: vec![operation()],
            next_marker: None,
        },
    });
    assert_hidden(&GetStateRequest {
        durable_execution_arn: "arn".to_owned(),
        checkpoint_token: secret(),
        marker: None,
        max_items: None,
    });
    assert_hidden(&GetStateResponse { operations: vec![operation()], next_marker: None });
}

#[test]
fn requests_about_executions_show_no_payloads() {
    let arn = "arn".to_owned();

    assert_hidden(&PauseRequest {
        durable_execution_arn: arn.clone(),
        client_token: None,
        reason: Some(secret()),
        execution_timeout_paused: None,
    });
    assert_hidden(&ResumeRequest {
        durable_execution_arn: arn.clone(),
        client_token: None,
        reason: Some(secret()),
    });
    assert_hidden(&StopRequest { durable_execution_arn: arn.clone(), error: Some(error()) });
    assert_hidden(&CallbackFailureRequest { callback_id: arn.clone(), error: Some(error()) });
    let result = CallbackSuccessRequest { callback_id: arn.clone(), result: Some(vec![211, 211, 211]) };
    assert!(!format!("{result:?}").contains("211"), "{result:?}");
    let invoke = InvokeResponse {
        status_code: 200,
        function_error: None,
        executed_version: None,
        durable_execution_arn: Some(arn),
        payload: Some(vec![211, 211, 211]),
    };
    assert!(!format!("{invoke:?}").contains("211"), "{invoke:?}");
}

#[test]
fn executions_show_no_payloads() {
    assert_hidden(&GetExecutionResponse {
        durable_execution_arn: "arn".to_owned(),
        durable_execution_name: "order-42".to_owned(),
        function_arn: "arn".to_owned(),
        input_payload: Some(secret()),
        result: Some(secret()),
        error: Some(error()),
        start_timestamp: Timestamp::EPOCH,
        status: ExecutionStatus::Paused,
        end_timestamp: None,
        version: None,
        trace_header: None,
        execution_data_included: Some(true),
        durable_config: None,
        pause_details: Some(PauseDetails {
            pause_request_timestamp: Timestamp::EPOCH,
            reason: Some(secret()),
            execution_timeout_paused: true,
        }),
        expected_execution_timeout_timestamp: None,
    });
}

#[test]
fn events_show_no_payloads() {
    assert_hidden(&EventInput::from(Some(secret())));
    assert_hidden(&EventResult::from(Some(secret())));
    assert_hidden(&EventReason::from(Some(secret())));
    assert_hidden(&EventError::from(error()));
}
