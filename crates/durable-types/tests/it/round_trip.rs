//! Everything that is written is read back the same.

use std::fmt::Debug;

use durable_types::api::*;
use durable_types::*;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::arbitrary::*;
use crate::arbitrary_api::*;

/// Smaller numbers are read as seconds: 1973-03-03.
const FIRST_MILLIS: i64 = 100_000_000_000;

/// Through a text and through a reader, which hands texts over in different ways.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(value).unwrap();

    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    assert_eq!(&serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), value, "{json}");
}

proptest! {
    #[test]
    fn updates_are_read_as_they_were_written(update in update()) {
        round_trip(&update);
    }

    #[test]
    fn operations_are_read_as_they_were_written(operation in operation()) {
        round_trip(&operation);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in event()) {
        round_trip(&event);
    }

    #[test]
    fn errors_are_read_as_they_were_written(error in error_object()) {
        round_trip(&error);
    }

    #[test]
    fn settings_are_read_as_they_were_written(config in durable_config()) {
        round_trip(&config);
    }

    #[test]
    fn timestamps_keep_their_microseconds(timestamp in timestamp()) {
        round_trip(&timestamp);
    }

    #[test]
    fn checkpoints_are_read_as_they_were_written(
        request in checkpoint_request(),
        response in checkpoint_response(),
    ) {
        round_trip(&request);
        round_trip(&response);
    }

    #[test]
    fn answers_about_executions_are_read_as_they_were_written(
        state in get_state_response(),
        history in get_history_response(),
        execution in get_execution_response(),
        executions in list_executions_response(),
    ) {
        round_trip(&state);
        round_trip(&history);
        round_trip(&execution);
        round_trip(&executions);
    }

    #[test]
    fn invocation_inputs_keep_everything_but_fractions_of_milliseconds(
        arn in text(),
        token in text(),
        operations in proptest::collection::vec(operation(), 0..4),
        next_marker in proptest::option::of(text()),
        updated_operation_ids in proptest::option::of(proptest::collection::vec(text(), 0..4)),
    ) {
        let operations = operations.into_iter().map(in_milliseconds).collect();
        let state = InitialExecutionState::new(operations, next_marker);
        let mut input = InvocationInput::new(arn, token, state);
        input.updated_operation_ids = updated_operation_ids.map(|ids| ids.into_iter().map(Into::into).collect());

        round_trip(&input);
    }

    #[test]
    fn invocation_outputs_are_read_as_they_were_written(
        result in proptest::option::of(text()),
        error in proptest::option::of(error_object()),
    ) {
        round_trip(&InvocationOutput::Succeeded { result });
        round_trip(&InvocationOutput::Failed { error });
        round_trip(&InvocationOutput::Pending);
    }
}

#[test]
fn requests_whose_body_is_an_error_are_that_error() {
    let error = ErrorObject::new("Refused", "no");
    let stop = StopRequest::new("arn", Some(error.clone()));
    let failure = CallbackFailureRequest::new("id", Some(error.clone()));

    let body = serde_json::to_value(&error).unwrap();

    assert_eq!(serde_json::to_value(&stop).unwrap(), body);
    assert_eq!(serde_json::to_value(&failure).unwrap(), body);
    assert_eq!(serde_json::from_value::<StopRequest>(body.clone()).unwrap().error, Some(error.clone()));
    assert_eq!(serde_json::from_value::<CallbackFailureRequest>(body).unwrap().error, Some(error));
}

#[test]
fn responses_that_say_nothing_are_empty_objects() {
    round_trip(&PauseResponse::default());
    round_trip(&ResumeResponse::default());
    round_trip(&CallbackSuccessResponse::default());
    round_trip(&CallbackFailureResponse::default());
    round_trip(&CallbackHeartbeatResponse::default());

    assert_eq!(serde_json::to_string(&PauseResponse::default()).unwrap(), "{}");
}

#[test]
fn responses_that_hold_a_moment_name_it_as_the_api_does() {
    let moment = Timestamp::from_millis(1_767_323_045_678);

    let stop = serde_json::to_string(&StopResponse::new(moment)).unwrap();
    let delete = serde_json::to_string(&DeleteResponse::new(moment)).unwrap();

    assert_eq!(stop, r#"{"StopTimestamp":1767323045.678}"#);
    assert_eq!(delete, r#"{"DeletionRequestTimestamp":1767323045.678}"#);
}

/// An operation as the payload of an invocation can carry it.
fn in_milliseconds(mut operation: Operation) -> Operation {
    let round = |moment: Option<Timestamp>| {
        moment.map(|moment| Timestamp::from_millis(moment.as_millis().max(FIRST_MILLIS)))
    };
    operation.start_timestamp = round(operation.start_timestamp);
    operation.end_timestamp = round(operation.end_timestamp);
    if let Some(step) = operation.step_details_mut() {
        step.next_attempt_timestamp = round(step.next_attempt_timestamp);
    }
    if let Some(wait) = operation.wait_details_mut() {
        wait.scheduled_end_timestamp = round(wait.scheduled_end_timestamp);
    }
    operation
}
