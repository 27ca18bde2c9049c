//! Customer data and credentials do not show in logs.

use std::fmt::Debug;

use durable_types::api::*;
use durable_types::history::*;
use durable_types::*;

use crate::arbitrary::with;

const SECRET: &str = "s3cr3t";

fn secret() -> String {
    SECRET.to_owned()
}

fn error() -> ErrorObject {
    let error = ErrorObject::new("PaymentError", secret()).with_data(secret());
    with(error, |error| error.stack_trace = Some(vec![secret()]))
}

fn assert_hidden(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

fn operations() -> [Operation; 5] {
    let details: [OperationDetails; 5] = [
        ExecutionDetails::new(Some(secret())).into(),
        ContextDetails::new(Some(secret()), Some(error())).into(),
        StepDetails::new(Some(secret()), Some(error())).into(),
        CallbackDetails::new(Some(secret()), Some(error())).into(),
        ChainedInvokeDetails::new(Some(secret()), Some(error())).into(),
    ];
    details.map(|details| {
        let mut operation = Operation::new("charge-1", OperationType::Step, OperationStatus::Failed);
        operation.details = Some(details);
        operation
    })
}

#[test]
fn updates_and_operations_show_sizes_only() {
    let succeed = OperationUpdate::succeed("charge-1", OperationType::Step, Some(secret()));
    let fail = OperationUpdate::fail("charge-1", OperationType::Step, error());

    assert_hidden(&succeed);
    assert_hidden(&fail);
    assert_hidden(&operations());
    assert!(format!("{succeed:?}").contains("<6 bytes redacted>"), "{succeed:?}");
    assert!(format!("{fail:?}").contains("PaymentError"), "{fail:?}");
}

#[test]
fn invocations_show_neither_tokens_nor_payloads() {
    assert_hidden(&InvocationInput::new(
        "arn",
        secret(),
        InitialExecutionState::new(operations().to_vec(), None),
    ));
    assert_hidden(&InvocationOutput::Succeeded { result: Some(secret()) });
    assert_hidden(&InvocationOutput::Failed { error: Some(error()) });
}

#[test]
fn checkpoints_show_neither_tokens_nor_payloads() {
    let update = OperationUpdate::succeed("charge-1", OperationType::Step, Some(secret()));
    let request = CheckpointRequest::new("arn", secret(), vec![update]);
    assert_hidden(&with(request, |request| request.client_token = Some(secret())));
    assert_hidden(&with(CheckpointResponse::new(Some(secret())), |response| {
        response.new_execution_state = CheckpointUpdatedExecutionState::new(operations().to_vec(), None);
    }));
    assert_hidden(&GetStateRequest::new("arn", secret()));
    assert_hidden(&GetStateResponse::new(operations().to_vec(), None));
}

#[test]
fn requests_about_executions_show_no_payloads() {
    assert_hidden(&with(PauseRequest::new("arn"), |pause| pause.reason = Some(secret())));
    assert_hidden(&with(ResumeRequest::new("arn"), |resume| resume.reason = Some(secret())));
    assert_hidden(&StopRequest::new("arn", Some(error())));
    assert_hidden(&CallbackFailureRequest::new("arn", Some(error())));
    let result = CallbackSuccessRequest::new("arn", Some(vec![211, 211, 211]));
    assert!(!format!("{result:?}").contains("211"), "{result:?}");
    let invoke = with(InvokeResponse::new(200), |invoke| {
        invoke.durable_execution_arn = Some("arn".to_owned());
        invoke.payload = Some(vec![211, 211, 211]);
    });
    assert!(!format!("{invoke:?}").contains("211"), "{invoke:?}");
}

#[test]
fn executions_show_no_payloads() {
    let paused = ExecutionStatus::Paused;
    let execution = GetExecutionResponse::new("arn", "order-42", "arn", paused, Timestamp::EPOCH);
    let pause = PauseDetails::new(Timestamp::EPOCH, true);

    assert_hidden(&with(execution, |execution| {
        execution.input_payload = Some(secret());
        execution.result = Some(secret());
        execution.error = Some(error());
        execution.execution_data_included = Some(true);
        execution.pause_details = Some(with(pause, |pause| pause.reason = Some(secret())));
    }));
}

#[test]
fn events_show_no_payloads() {
    assert_hidden(&EventInput::from(Some(secret())));
    assert_hidden(&EventResult::from(Some(secret())));
    assert_hidden(&EventReason::from(Some(secret())));
    assert_hidden(&EventError::from(error()));
}
