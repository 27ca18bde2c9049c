//! Our requests beside those that AWS's client sends for the same input.

use std::collections::BTreeMap;

use aws_sdk_lambda::primitives::{Blob, DateTime};
use durable_types::api::*;
use durable_types::{ErrorObject, ExecutionStatus, Timestamp};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::arbitrary::{error_object, update};
use crate::arbitrary_api::checkpoint_request;
use crate::client::{Answer, Memory, block_on};
use crate::to_aws;

const ARN: &str =
    "arn:aws:lambda:eu-west-1:123456789012:function:order:$LATEST/durable-execution/order-42/0b1c";

/// What AWS's client sends of a checkpoint.
fn sent_checkpoint(request: &CheckpointRequest) -> crate::client::Sent {
    let memory = Memory::new(Answer::ok(r#"{"NewExecutionState":{}}"#));
    let call = memory
        .client()
        .checkpoint_durable_execution()
        .durable_execution_arn(ARN)
        .checkpoint_token(&request.checkpoint_token)
        .set_updates(Some(request.updates.iter().map(to_aws::update).collect()))
        .set_client_token(request.client_token.clone());
    block_on(call.send()).unwrap();
    memory.sent()
}

/// A request as the members of a query.
fn query(request: &impl Serialize) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let json = serde_json::to_value(request).unwrap();
    let members = json.as_object().unwrap().iter().map(|(name, value)| {
        let values = match value {
            Value::Array(values) => values.iter().map(text).collect(),
            one => vec![text(one)],
        };
        (name.clone(), values)
    });
    members.collect()
}

proptest! {
    #[test]
    fn a_checkpoint_is_what_aws_sends(request in checkpoint_request()) {
        // AWS's client makes up a client token where there is none, and writes a list of updates even if it is empty.
        prop_assume!(!request.updates.is_empty());
        let mut request = request;
        request.client_token.get_or_insert_default();

        let sent = sent_checkpoint(&request);

        prop_assert_eq!(sent.json(), serde_json::to_value(&request).unwrap());
        prop_assert_eq!(
            sent.path, format!("/2025-12-01/durable-executions/{ARN}/checkpoint")
        );
    }

    #[test]
    fn the_bound_of_an_update_holds_for_what_aws_sends(update in update()) {
        let bound = update.encoded_len_bound();
        let mut request = CheckpointRequest::new(ARN, "dG9rZW4=", vec![update]);
        request.client_token = Some("token".to_owned());

        let sent = sent_checkpoint(&request);

        let envelope = r#"{"CheckpointToken":"dG9rZW4=","ClientToken":"token","Updates":[]}"#.len();
        prop_assert!(bound >= sent.body.len() - envelope);
    }

    #[test]
    fn an_error_as_a_body_is_what_aws_sends(error in error_object()) {
        let memory = Memory::new(Answer::ok(r#"{"StopTimestamp":1}"#));
        let stop = memory.client().stop_durable_execution().durable_execution_arn(ARN);

        block_on(stop.error(to_aws::error(&error)).send()).unwrap();

        let request = StopRequest::new(ARN, Some(error));
        prop_assert_eq!(memory.sent().json(), serde_json::to_value(&request).unwrap());
    }
}

#[test]
fn a_checkpoint_that_aws_sends_is_read_as_ours() {
    let mut request = CheckpointRequest::new("", "dG9rZW4=", vec![]);
    request.client_token = Some("token".to_owned());

    let read: CheckpointRequest = serde_json::from_slice(&sent_checkpoint(&request).body).unwrap();

    assert_eq!(read, request);
}

#[test]
fn reading_state_is_the_query_that_aws_sends() {
    let memory = Memory::new(Answer::ok(r#"{"Operations":[]}"#));
    let call = memory
        .client()
        .get_durable_execution_state()
        .durable_execution_arn(ARN)
        .checkpoint_token("dG9r+/=")
        .marker("7:100")
        .max_items(1_000);

    block_on(call.send()).unwrap();

    let mut request = GetStateRequest::new(ARN, "dG9r+/=");
    request.marker = Some("7:100".to_owned());
    request.max_items = Some(1_000);
    assert_eq!(memory.sent().query, query(&request));
    assert_eq!(memory.sent().method, "GET");
}

#[test]
fn reading_history_is_the_query_that_aws_sends() {
    let memory = Memory::new(Answer::ok(r#"{"Events":[]}"#));
    let call = memory
        .client()
        .get_durable_execution_history()
        .durable_execution_arn(ARN)
        .include_execution_data(false)
        .max_items(0)
        .marker("m")
        .reverse_order(true);

    block_on(call.send()).unwrap();

    let mut request = GetHistoryRequest::new(ARN);
    request.include_execution_data = Some(false);
    request.max_items = Some(0);
    request.marker = Some("m".to_owned());
    request.reverse_order = Some(true);
    assert_eq!(memory.sent().query, query(&request));
}

#[test]
fn asking_for_an_execution_is_the_query_that_aws_sends() {
    let memory = Memory::new(Answer::ok("{}"));
    let call =
        memory.client().get_durable_execution().durable_execution_arn(ARN).include_execution_data(true);

    block_on(call.send()).unwrap();

    let mut request = GetExecutionRequest::new(ARN);
    request.include_execution_data = Some(true);
    assert_eq!(memory.sent().query, query(&request));
}

#[test]
fn listing_executions_is_the_query_that_aws_sends() {
    let memory = Memory::new(Answer::ok("{}"));
    let call = memory
        .client()
        .list_durable_executions_by_function()
        .function_name("order")
        .qualifier("$LATEST")
        .durable_execution_name("order-42")
        .statuses("RUNNING".into())
        .statuses("TIMED_OUT".into())
        .started_after(DateTime::from_millis(1_767_323_045_678))
        .started_before(DateTime::from_millis(1_767_323_045_679))
        .reverse_order(false)
        .marker("m")
        .max_items(7);

    block_on(call.send()).unwrap();

    let mut request = ListExecutionsRequest::new("order");
    request.qualifier = Some("$LATEST".to_owned());
    request.durable_execution_name = Some("order-42".to_owned());
    request.statuses = vec![ExecutionStatus::Running, ExecutionStatus::TimedOut];
    request.started_after = Some(Timestamp::from_millis(1_767_323_045_678));
    request.started_before = Some(Timestamp::from_millis(1_767_323_045_679));
    request.reverse_order = Some(false);
    request.marker = Some("m".to_owned());
    request.max_items = Some(7);
    assert_eq!(memory.sent().query, query(&request));
}

#[test]
fn the_answer_to_a_callback_is_the_body_that_aws_sends() {
    let succeeding = Memory::new(Answer::ok("{}"));
    let failing = Memory::new(Answer::ok("{}"));
    let error = ErrorObject::new("Refused", "no").with_data("7");

    let success = succeeding.client().send_durable_execution_callback_success().callback_id("Y2I=");
    block_on(success.result(Blob::new([0, 211, 7])).send()).unwrap();
    let failure = failing.client().send_durable_execution_callback_failure().callback_id("Y2I=");
    block_on(failure.error(to_aws::error(&error)).send()).unwrap();

    let request = CallbackFailureRequest::new("Y2I=", Some(error));
    assert_eq!(succeeding.sent().body, [0, 211, 7]);
    assert_eq!(failing.sent().json(), serde_json::to_value(&request).unwrap());
}

#[test]
fn an_invocation_has_the_headers_that_aws_sends() {
    let memory = Memory::new(Answer {
        status: 202,
        headers: vec![
            (DURABLE_EXECUTION_ARN_HEADER, ARN.to_owned()),
            (EXECUTED_VERSION_HEADER, "$LATEST".to_owned()),
            (FUNCTION_ERROR_HEADER, "Unhandled".to_owned()),
        ],
        body: String::new(),
    });
    let call = memory
        .client()
        .invoke()
        .function_name("order")
        .qualifier("$LATEST")
        .invocation_type(InvocationType::Event.as_str().into())
        .durable_execution_name("order-42")
        .tenant_id("acme");

    let answer = block_on(call.send()).unwrap();

    let headers = memory.sent().headers;
    assert_eq!(headers.get(INVOCATION_TYPE_HEADER).map(String::as_str), Some("Event"));
    assert_eq!(headers.get(DURABLE_EXECUTION_NAME_HEADER).map(String::as_str), Some("order-42"));
    assert_eq!(headers.get(TENANT_ID_HEADER).map(String::as_str), Some("acme"));
    assert_eq!(answer.durable_execution_arn.as_deref(), Some(ARN));
    assert_eq!(answer.executed_version.as_deref(), Some("$LATEST"));
    assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
}
