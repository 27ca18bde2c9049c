//! Our responses as AWS's client understands them, member by member.

use durable_types::api::*;
use durable_types::history::{Event, EventDetails, RetryDetails};
use durable_types::{Operation, Timestamp};
use proptest::prelude::*;
use serde::Serialize;

use crate::arbitrary::with;
use crate::arbitrary_api::*;
use crate::client::{Answer, Memory, block_on};
use crate::{from_aws, from_aws_event};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:order:7/durable-execution/order-42/0b1c";

fn client(answer: &impl Serialize) -> aws_sdk_lambda::Client {
    Memory::new(Answer::ok(serde_json::to_string(answer).unwrap())).client()
}

/// What AWS's client makes of an operation: members that are required there are never absent.
fn with_required_members(mut operation: Operation) -> Operation {
    operation.start_timestamp.get_or_insert(Timestamp::EPOCH);
    if let Some(step) = operation.step_details_mut() {
        step.attempt.get_or_insert(0);
    }
    operation
}

/// What AWS's client makes of an event: it does not know those of pauses yet.
fn as_known(mut event: Event) -> Event {
    let counted = |details: &mut RetryDetails| {
        details.current_attempt.get_or_insert(0);
    };
    let event_type = event.details.event_type();
    match &mut event.details {
        EventDetails::StepSucceeded(details) => counted(&mut details.retry_details),
        EventDetails::StepFailed(details) => counted(&mut details.retry_details),
        EventDetails::ExecutionPaused(_) | EventDetails::ExecutionResumed(_) => {
            event.details = EventDetails::Unknown(event_type.as_str().into());
        }
        _ => {}
    }
    event
}

proptest! {
    #[test]
    fn a_checkpoint_is_understood(response in checkpoint_response()) {
        let mut response = response;
        let state = &mut response.new_execution_state;
        state.operations = state.operations.drain(..).map(with_required_members).collect();

        let call = client(&response).checkpoint_durable_execution();
        let understood =
            block_on(call.durable_execution_arn(ARN).checkpoint_token("dG9rZW4=").send()).unwrap();

        prop_assert_eq!(understood.checkpoint_token, response.checkpoint_token);
        let state = understood.new_execution_state.unwrap();
        let operations: Vec<_> =
            state.operations.unwrap_or_default().into_iter().map(from_aws::operation).collect();
        prop_assert_eq!(operations, response.new_execution_state.operations);
        prop_assert_eq!(state.next_marker, response.new_execution_state.next_marker);
    }

    #[test]
    fn the_state_of_an_execution_is_understood(response in get_state_response()) {
        let mut response = response;
        response.operations = response.operations.drain(..).map(with_required_members).collect();

        let call = client(&response).get_durable_execution_state();
        let understood =
            block_on(call.durable_execution_arn(ARN).checkpoint_token("dG9rZW4=").send()).unwrap();

        let operations: Vec<_> = understood.operations.into_iter().map(from_aws::operation).collect();
        prop_assert_eq!(operations, response.operations);
        prop_assert_eq!(understood.next_marker, response.next_marker);
    }

    #[test]
    fn the_history_of_an_execution_is_understood(response in get_history_response()) {
        let call = client(&response).get_durable_execution_history();
        let understood = block_on(call.durable_execution_arn(ARN).send()).unwrap();

        let events: Vec<_> =
            understood.events.into_iter().map(|event| from_aws_event::event(event).unwrap()).collect();
        let expected: Vec<_> = response.events.into_iter().map(as_known).collect();
        prop_assert_eq!(events, expected);
        prop_assert_eq!(understood.next_marker, response.next_marker);
    }

    #[test]
    fn an_execution_is_understood(response in get_execution_response()) {
        let call = client(&response).get_durable_execution();
        let understood = block_on(call.durable_execution_arn(ARN).send()).unwrap();

        let expected = with(response, |response| {
            // AWS's client does not know pauses yet.
            response.pause_details = None;
            response.expected_execution_timeout_timestamp = None;
        });
        prop_assert_eq!(from_aws::execution(understood), expected);
    }

    #[test]
    fn a_list_of_executions_is_understood(response in list_executions_response()) {
        let call = client(&response).list_durable_executions_by_function();
        let understood = block_on(call.function_name("order").send()).unwrap();

        let executions = understood.durable_executions.unwrap_or_default().into_iter();
        let executions = executions.map(from_aws::execution_summary).collect();
        let understood = ListExecutionsResponse::new(executions, understood.next_marker);
        prop_assert_eq!(understood, response);
    }
}

#[test]
fn a_stop_is_understood() {
    let response = StopResponse::new(Timestamp::from_millis(1_767_323_045_678));

    let call = client(&response).stop_durable_execution().durable_execution_arn(ARN);
    let understood = block_on(call.send()).unwrap();

    assert_eq!(from_aws::timestamp(understood.stop_timestamp), response.stop_timestamp);
}

#[test]
fn responses_that_say_nothing_are_understood() {
    let success = client(&CallbackSuccessResponse::default())
        .send_durable_execution_callback_success()
        .callback_id("Y2I=");
    let failure = client(&CallbackFailureResponse::default())
        .send_durable_execution_callback_failure()
        .callback_id("Y2I=");
    let heartbeat = client(&CallbackHeartbeatResponse::default())
        .send_durable_execution_callback_heartbeat()
        .callback_id("Y2I=");

    assert!(block_on(success.send()).is_ok());
    assert!(block_on(failure.send()).is_ok());
    assert!(block_on(heartbeat.send()).is_ok());
}
