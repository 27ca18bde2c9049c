//! What a function is invoked with, and what it answers.

use durable_types::*;
use serde_json::json;

fn waiting() -> Operation {
    let moment = Timestamp::from_millis(1_767_323_045_678);
    let mut operation = Operation::new("settle-1", OperationType::Wait, OperationStatus::Started);
    operation.start_timestamp = Some(moment);
    operation.details = Some(WaitDetails::new(Some(moment)).into());
    operation
}

fn retrying() -> Operation {
    let moment = Timestamp::from_millis(1_767_323_045_678);
    let mut details = StepDetails::default();
    (details.attempt, details.next_attempt_timestamp) = (Some(2), Some(moment));
    let mut operation = Operation::new("charge-1", OperationType::Step, OperationStatus::Pending);
    operation.start_timestamp = Some(moment);
    operation.details = Some(details.into());
    operation
}

#[test]
fn an_invocation_carries_milliseconds_and_the_api_seconds() {
    let state = InitialExecutionState::new(vec![waiting(), retrying()], None);
    let mut input = InvocationInput::new("arn", "dG9rZW4=", state);
    input.updated_operation_ids = Some(vec!["settle-1".into()]);

    let in_an_invocation = serde_json::to_value(&input).unwrap();
    let in_an_answer = serde_json::to_value([waiting(), retrying()]).unwrap();

    let expected = json!({
        "DurableExecutionArn": "arn",
        "CheckpointToken": "dG9rZW4=",
        "InitialExecutionState": {"Operations": [{
            "Id": "settle-1", "Type": "WAIT", "Status": "STARTED",
            "StartTimestamp": 1_767_323_045_678_i64,
            "WaitDetails": {"ScheduledEndTimestamp": 1_767_323_045_678_i64},
        }, {
            "Id": "charge-1", "Type": "STEP", "Status": "PENDING",
            "StartTimestamp": 1_767_323_045_678_i64,
            "StepDetails": {"Attempt": 2, "NextAttemptTimestamp": 1_767_323_045_678_i64},
        }]},
        "UpdatedOperationIds": ["settle-1"],
    });
    assert_eq!(in_an_invocation, expected);
    assert_eq!(in_an_answer[0]["StartTimestamp"], json!(1_767_323_045.678));
    assert_eq!(in_an_answer[0]["WaitDetails"]["ScheduledEndTimestamp"], json!(1_767_323_045.678));
    assert_eq!(in_an_answer[1]["StepDetails"]["NextAttemptTimestamp"], json!(1_767_323_045.678));
}

#[test]
fn an_operation_has_the_details_of_its_type_alone() {
    let record = |operation_type: &str| -> Operation {
        serde_json::from_value(json!({
            "Id": "charge-1", "Type": operation_type, "Status": "SUCCEEDED",
            "ContextDetails": null,
            "StepDetails": {"Result": "7"},
            "CallbackDetails": {"CallbackId": "callback-1"},
        }))
        .unwrap()
    };

    let (mut step, callback) = (record("STEP"), record("CALLBACK"));

    assert_eq!(callback.details, record("CALLBACK").callback_details().cloned().map(Into::into));
    assert_eq!(callback.callback_details().unwrap().callback_id.as_deref(), Some("callback-1"));
    assert_eq!(callback.step_details(), None);
    assert_eq!(record("CONTEXT").details, None);
    assert_eq!(record("TIMER").details, None);
    assert_eq!(step.take_callback_details(), CallbackDetails::default());
    assert_eq!(step.take_step_details().result.as_deref(), Some("7"));
    assert_eq!(step.details, None);
}

#[test]
fn an_output_says_its_status_and_no_more_than_it_has() {
    let succeeded = InvocationOutput::Succeeded { result: Some("7".to_owned()) };
    let too_large = InvocationOutput::Failed { error: None };
    let failed = InvocationOutput::Failed { error: Some(ErrorObject::new("PaymentError", "declined")) };

    assert_eq!(serde_json::to_value(&succeeded).unwrap(), json!({"Status": "SUCCEEDED", "Result": "7"}));
    assert_eq!(serde_json::to_value(&too_large).unwrap(), json!({"Status": "FAILED"}));
    assert_eq!(
        serde_json::to_value(&failed).unwrap(),
        json!({"Status": "FAILED", "Error": {"ErrorType": "PaymentError", "ErrorMessage": "declined"}})
    );
    assert_eq!(serde_json::to_value(InvocationOutput::Pending).unwrap(), json!({"Status": "PENDING"}));
}

#[test]
fn an_output_with_another_status_is_refused() {
    assert!(serde_json::from_value::<InvocationOutput>(json!({"Status": "RETRY"})).is_err());
    assert!(serde_json::from_value::<InvocationOutput>(json!({"Result": "7"})).is_err());
}
