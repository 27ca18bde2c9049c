//! Every member of every shape, both ways, as it stands on the wire.

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::primitives::SdkBody;
use aws_sdk_lambda::{Client, Config};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use durable_aws::LambdaTransport;
use durable_core::transport::Transport;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, GetStateRequest, GetStateResponse,
};
use durable_types::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ErrorObject, ExecutionDetails, Operation,
    OperationStatus, OperationType, OperationUpdate, StepDetails, Timestamp, WaitDetails,
};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:lambda:eu-central-1:123456789012:function:order:1/durable-execution/a/b";

/// A transport that is given these answers, one after the other, and the requests that it makes.
pub(crate) fn replaying(
    responses: impl IntoIterator<Item = http::Response<String>>,
    retries: RetryConfig,
) -> (LambdaTransport, StaticReplayClient) {
    let events = responses.into_iter().map(|response| {
        let request = http::Request::builder().body(SdkBody::empty()).unwrap();
        ReplayEvent::new(request, response.map(SdkBody::from))
    });
    let http_client = StaticReplayClient::new(events.collect());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .retry_config(retries)
        .http_client(http_client.clone())
        .build();
    (LambdaTransport::new(Client::from_conf(config)), http_client)
}

/// An answer that is not an error.
pub(crate) fn answer(body: &str) -> http::Response<String> {
    http::Response::new(body.to_owned())
}

fn sent(requests: &StaticReplayClient) -> (String, Value) {
    let request = requests.actual_requests().next().unwrap();
    let body = request.body().bytes().unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() };
    (request.uri().to_owned(), body)
}

fn error() -> ErrorObject {
    ErrorObject {
        stack_trace: Some(vec!["charge".to_owned(), "main".to_owned()]),
        ..ErrorObject::new("PaymentError", "declined").with_data("{\"code\":51}")
    }
}

fn every_kind_of_update() -> Vec<OperationUpdate> {
    vec![
        OperationUpdate::start_step("1").with_name("charge").with_parent_id("0"),
        OperationUpdate::retry("1", OperationType::Step, Some("state".to_owned()), Some(5)),
        OperationUpdate::retry_with_error("1", OperationType::Step, error(), Some(31_622_400)),
        OperationUpdate::succeed("1", OperationType::Step, Some("\"done\"".to_owned())),
        OperationUpdate::fail("2", OperationType::Context, error()).with_context_options(Some(true)),
        OperationUpdate::start_wait("3", 60),
        OperationUpdate::start_callback("4", Some(3_600), Some(60)),
        OperationUpdate::start_invoke("5", "ship:live", Some("{}".to_owned()))
            .with_chained_invoke_options("ship:live", Some("tenant".to_owned()))
            .with_trace_header("Root=1-2-3"),
        OperationUpdate::cancel("6", OperationType::Callback),
    ]
}

fn every_kind_of_operation() -> Vec<Operation> {
    let moment = Some(Timestamp::from_micros(1_767_323_045_678_901));
    let result = || Some("\"done\"".to_owned());
    let record = |id: &str, operation_type, status| Operation {
        parent_id: Some("0".to_owned()),
        name: Some("name".to_owned()),
        sub_type: Some("Sub".to_owned()),
        start_timestamp: moment,
        end_timestamp: moment,
        ..Operation::new(id, operation_type, status)
    };
    let mut execution = record("1", OperationType::Execution, OperationStatus::Started);
    execution.execution_details = Some(Box::new(ExecutionDetails { input_payload: Some("{}".to_owned()) }));
    let mut context = record("2", OperationType::Context, OperationStatus::Failed);
    context.context_details = Some(Box::new(ContextDetails {
        replay_children: Some(true),
        result: result(),
        error: Some(error()),
    }));
    let mut step = record("3", OperationType::Step, OperationStatus::Pending);
    step.step_details = Some(Box::new(StepDetails {
        attempt: Some(2),
        next_attempt_timestamp: moment,
        result: result(),
        error: Some(error()),
    }));
    let mut wait = record("4", OperationType::Wait, OperationStatus::Succeeded);
    wait.wait_details = Some(Box::new(WaitDetails { scheduled_end_timestamp: moment }));
    let mut callback = record("5", OperationType::Callback, OperationStatus::TimedOut);
    callback.callback_details = Some(Box::new(CallbackDetails {
        callback_id: Some("callback".to_owned()),
        result: result(),
        error: Some(error()),
    }));
    let mut invoke = record("6", OperationType::ChainedInvoke, OperationStatus::Stopped);
    invoke.chained_invoke_details =
        Some(Box::new(ChainedInvokeDetails { result: result(), error: Some(error()) }));
    let unknown = record("7", OperationType::from("SIGNAL"), OperationStatus::from("PARKED"));
    vec![execution, context, step, wait, callback, invoke, unknown]
}

#[tokio::test]
async fn a_checkpoint_sends_every_member_of_every_update() {
    let (transport, requests) = replaying([answer("{}")], RetryConfig::disabled());
    let request = CheckpointRequest {
        durable_execution_arn: ARN.to_owned(),
        checkpoint_token: "token".to_owned(),
        updates: every_kind_of_update(),
        client_token: Some("client".to_owned()),
    };
    let expected = serde_json::to_value(&request).unwrap();

    transport.checkpoint(request).await.unwrap();

    let (uri, body) = sent(&requests);
    let arn = ARN.replace(':', "%3A").replace('/', "%2F");
    assert!(uri.ends_with(&format!("/2025-12-01/durable-executions/{arn}/checkpoint")), "{uri}");
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_checkpoint_reads_every_member_of_every_operation() {
    let expected = CheckpointResponse {
        checkpoint_token: Some("next".to_owned()),
        new_execution_state: CheckpointUpdatedExecutionState {
            operations: every_kind_of_operation(),
            next_marker: Some("marker".to_owned()),
        },
    };
    let body = serde_json::to_string(&expected).unwrap();
    let (transport, _) = replaying([answer(&body)], RetryConfig::disabled());

    let response = transport.checkpoint(empty_checkpoint()).await.unwrap();

    assert_eq!(response, expected);
}

#[tokio::test]
async fn a_token_that_is_withheld_stays_withheld() {
    let (transport, _) = replaying([answer("{}")], RetryConfig::disabled());

    let response = transport.checkpoint(empty_checkpoint()).await.unwrap();

    assert_eq!(response, CheckpointResponse::default());
}

#[tokio::test]
async fn a_page_is_asked_for_by_token_marker_and_size() {
    let expected =
        GetStateResponse { operations: every_kind_of_operation(), next_marker: Some("next".to_owned()) };
    let body = serde_json::to_string(&expected).unwrap();
    let (transport, requests) = replaying([answer(&body)], RetryConfig::disabled());
    let request = GetStateRequest {
        durable_execution_arn: ARN.to_owned(),
        checkpoint_token: "token+/=".to_owned(),
        marker: Some("a b".to_owned()),
        max_items: Some(1_000),
    };

    let response = transport.get_state(request).await.unwrap();

    let (uri, body) = sent(&requests);
    let (_, query) = uri.split_once("/state?").unwrap();
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.sort_unstable();
    assert_eq!(parameters, ["CheckpointToken=token%2B%2F%3D", "Marker=a%20b", "MaxItems=1000"]);
    assert_eq!(body, json!(null));
    assert_eq!(response, expected);
}

fn empty_checkpoint() -> CheckpointRequest {
    CheckpointRequest {
        durable_execution_arn: ARN.to_owned(),
        checkpoint_token: "token".to_owned(),
        updates: Vec::new(),
        client_token: None,
    }
}
