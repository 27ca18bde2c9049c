//! Every member of every shape, both ways, as it stands on the wire.

use durable_core::transport::Transport;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, GetStateRequest, GetStateResponse,
};
use durable_types::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ErrorObject, ExecutionDetails, Operation,
    OperationStatus, OperationType, OperationUpdate, StepDetails, Timestamp, WaitDetails,
};
use serde_json::json;

use crate::either::{BOTH, Either, Kind, Settings};
use crate::fake_service::{Answer, FakeService, Request};

pub(crate) const ARN: &str =
    "arn:aws:lambda:eu-central-1:123456789012:function:order:1/durable-execution/a/b";

/// What a transport makes of an answer, and the request that it sends.
async fn exchange<T>(kind: Kind, answer: &str, send: impl AsyncFnOnce(Either) -> T) -> (T, Request) {
    let service = FakeService::replying([Answer::ok(answer)]).await;
    let response = send(kind.to(&service, Settings::attempts(1))).await;
    let [request] = service.requests().try_into().unwrap();
    (response, request)
}

fn error() -> ErrorObject {
    let mut error = ErrorObject::new("PaymentError", "declined").with_data("{\"code\":51}");
    error.stack_trace = Some(vec!["charge".to_owned(), "main".to_owned()]);
    error
}

pub(crate) fn every_kind_of_update() -> Vec<OperationUpdate> {
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
    for kind in BOTH {
        let mut request = CheckpointRequest::new(ARN, "token", every_kind_of_update());
        request.client_token = Some("client".to_owned());
        let expected = serde_json::to_value(&request).unwrap();

        let (response, sent) =
            exchange(kind, "{}", async |transport| transport.checkpoint(request).await).await;

        response.unwrap();
        let arn = ARN.replace(':', "%3A").replace('/', "%2F");
        assert_eq!(sent.path, format!("/2025-12-01/durable-executions/{arn}/checkpoint"));
        assert_eq!(sent.body, expected);
    }
}

#[tokio::test]
async fn a_checkpoint_reads_every_member_of_every_operation() {
    let mut expected = CheckpointResponse::new(Some("next".to_owned()));
    expected.new_execution_state =
        CheckpointUpdatedExecutionState::new(every_kind_of_operation(), Some("marker".to_owned()));
    let body = serde_json::to_string(&expected).unwrap();
    for kind in BOTH {
        let send = async |transport: Either| transport.checkpoint(empty_checkpoint()).await;

        let (response, _) = exchange(kind, &body, send).await;

        assert_eq!(response.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_token_that_is_withheld_stays_withheld() {
    for kind in BOTH {
        let send = async |transport: Either| transport.checkpoint(empty_checkpoint()).await;

        let (response, _) = exchange(kind, "{}", send).await;

        assert_eq!(response.unwrap(), CheckpointResponse::default());
    }
}

#[tokio::test]
async fn a_page_is_asked_for_by_token_marker_and_size() {
    let expected = GetStateResponse::new(every_kind_of_operation(), Some("next".to_owned()));
    let body = serde_json::to_string(&expected).unwrap();
    for kind in BOTH {
        let mut request = GetStateRequest::new(ARN, "token+/=");
        request.marker = Some("a b".to_owned());
        request.max_items = Some(1_000);

        let (response, sent) =
            exchange(kind, &body, async |transport| transport.get_state(request).await).await;

        let mut parameters: Vec<_> = sent.query.split('&').collect();
        parameters.sort_unstable();
        assert_eq!(parameters, ["CheckpointToken=token%2B%2F%3D", "Marker=a%20b", "MaxItems=1000"]);
        assert_eq!(sent.body, json!(null));
        assert_eq!(response.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_page_of_several_megabytes_is_read() {
    let mut large = Operation::new("1", OperationType::Step, OperationStatus::Succeeded);
    large.start_timestamp = Some(Timestamp::EPOCH);
    let mut details = StepDetails::new(Some("x".repeat(6_000_000)), None);
    details.attempt = Some(1);
    large.details = Some(details.into());
    let expected = GetStateResponse::new(vec![large], None);
    let body = serde_json::to_string(&expected).unwrap();
    for kind in BOTH {
        let request = GetStateRequest::new(ARN, "token");

        let (response, _) = exchange(kind, &body, async |transport| transport.get_state(request).await).await;

        assert_eq!(response.unwrap(), expected);
    }
}

fn empty_checkpoint() -> CheckpointRequest {
    CheckpointRequest::new(ARN, "token", Vec::new())
}
