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
    let mut error = ErrorObject::new("PaymentError", "declined").with_data("{\"code\":51}");
    error.stack_trace = Some(vec!["charge".to_owned(), "main".to_owned()]);
    error
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
    let record = |id: &str, operation_type, status| {
        let mut record = Operation::new(id, operation_type, status);
        record.parent_id = Some("0".into());
        record.name = Some("name".into());
        record.sub_type = Some("Sub".into());
        record.start_timestamp = moment;
        record.end_timestamp = moment;
        record
    };
    let mut execution = record("1", OperationType::Execution, OperationStatus::Started);
    execution.details = Some(ExecutionDetails::new(Some("{}".to_owned())).into());
    let mut context = record("2", OperationType::Context, OperationStatus::Failed);
    let mut details = ContextDetails::new(result(), Some(error()));
    details.replay_children = Some(true);
    context.details = Some(details.into());
    let mut step = record("3", OperationType::Step, OperationStatus::Pending);
    let mut details = StepDetails::new(result(), Some(error()));
    details.attempt = Some(2);
    details.next_attempt_timestamp = moment;
    step.details = Some(details.into());
    let mut wait = record("4", OperationType::Wait, OperationStatus::Succeeded);
    wait.details = Some(WaitDetails::new(moment).into());
    let mut callback = record("5", OperationType::Callback, OperationStatus::TimedOut);
    let mut details = CallbackDetails::new(result(), Some(error()));
    details.callback_id = Some("callback".to_owned());
    callback.details = Some(details.into());
    let mut invoke = record("6", OperationType::ChainedInvoke, OperationStatus::Stopped);
    invoke.details = Some(ChainedInvokeDetails::new(result(), Some(error())).into());
    let unknown = record("7", OperationType::from("SIGNAL"), OperationStatus::from("PARKED"));
    vec![execution, context, step, wait, callback, invoke, unknown]
}

#[tokio::test]
async fn a_checkpoint_sends_every_member_of_every_update() {
    let (transport, requests) = replaying([answer("{}")], RetryConfig::disabled());
    let mut request = CheckpointRequest::new(ARN, "token", every_kind_of_update());
    request.client_token = Some("client".to_owned());
    let expected = serde_json::to_value(&request).unwrap();

    transport.checkpoint(request).await.unwrap();

    let (uri, body) = sent(&requests);
    let arn = ARN.replace(':', "%3A").replace('/', "%2F");
    assert!(uri.ends_with(&format!("/2025-12-01/durable-executions/{arn}/checkpoint")), "{uri}");
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_checkpoint_reads_every_member_of_every_operation() {
    let mut expected = CheckpointResponse::new(Some("next".to_owned()));
    expected.new_execution_state =
        CheckpointUpdatedExecutionState::new(every_kind_of_operation(), Some("marker".to_owned()));
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
    let expected = GetStateResponse::new(every_kind_of_operation(), Some("next".to_owned()));
    let body = serde_json::to_string(&expected).unwrap();
    let (transport, requests) = replaying([answer(&body)], RetryConfig::disabled());
    let mut request = GetStateRequest::new(ARN, "token+/=");
    request.marker = Some("a b".to_owned());
    request.max_items = Some(1_000);

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
    CheckpointRequest::new(ARN, "token", Vec::new())
}
