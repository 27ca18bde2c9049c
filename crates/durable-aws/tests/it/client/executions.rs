//! Lists, histories and changes of executions.

use durable_aws::client::ClientError;
use durable_core::Function;
use durable_core::types::{ExecutionStatus, Timestamp};
use serde_json::json;

use super::{ARN, client};
use crate::fake_service::{Answer, FakeService};

const FULFIL: Function<String, u64> = Function::new("fulfil:live");

fn listed(marker: &str) -> Answer {
    Answer::ok(format!(
        r#"{{"DurableExecutions": [{{"DurableExecutionArn": "{ARN}", "DurableExecutionName": "order-17",
            "FunctionArn": "arn", "StartTimestamp": 1767323045.0, "Status": "RUNNING"}}]{marker}}}"#
    ))
}

#[tokio::test]
async fn a_list_is_read_page_by_page_until_there_is_no_marker() {
    let service =
        FakeService::replying([listed(r#", "NextMarker": "a b""#), listed(r#", "NextMarker": """#)]).await;

    let executions = client(&service)
        .executions(FULFIL)
        .status(ExecutionStatus::Running)
        .status(ExecutionStatus::Failed)
        .execution_name("order-17")
        .started_after(Timestamp::from_millis(1_767_323_045_000))
        .reverse_order(true)
        .max_items(1)
        .await
        .unwrap();

    let [first, second] = service.requests().try_into().unwrap();
    assert_eq!(executions.len(), 2);
    assert_eq!(first.path, "/2025-12-01/functions/fulfil%3Alive/durable-executions");
    assert_eq!(
        second.query,
        "DurableExecutionName=order-17&Marker=a%20b&MaxItems=1&ReverseOrder=true\
         &StartedAfter=2026-01-02T03%3A04%3A05.000Z&Statuses=FAILED&Statuses=RUNNING"
    );
    assert!(!first.query.contains("Marker"));
}

#[tokio::test]
async fn a_page_that_fails_can_be_read_again() {
    let refused = Answer::error(400, "InvalidParameterValueException", r#"{"message": "no"}"#);
    let history = |marker: &str| Answer::ok(format!(r#"{{"Events": []{marker}}}"#));
    let service = FakeService::replying([history(r#", "NextMarker": "next""#), refused, history("")]).await;
    let mut pages = client(&service).execution::<()>(ARN).history();

    assert_eq!(pages.next_page().await.unwrap(), Some(Vec::new()));
    pages.next_page().await.unwrap_err();
    assert_eq!(pages.next_page().await.unwrap(), Some(Vec::new()));
    assert_eq!(pages.next_page().await.unwrap(), None);

    let queries: Vec<_> = service.requests().into_iter().map(|request| request.query).collect();
    assert_eq!(queries, ["", "Marker=next", "Marker=next"]);
}

#[tokio::test]
async fn a_history_is_read_in_the_requested_order_and_with_or_without_data() {
    let service = FakeService::replying([Answer::ok(r#"{"Events": []}"#)]).await;

    let history = client(&service).execution::<()>(ARN).history();
    history.reverse_order(true).include_execution_data(false).max_items(1_000).await.unwrap();

    let [request] = service.requests().try_into().unwrap();
    assert!(request.path.ends_with("order-17%2F0b1c/history"), "{}", request.path);
    assert_eq!(request.query, "IncludeExecutionData=false&MaxItems=1000&ReverseOrder=true");
}

#[tokio::test]
async fn an_execution_is_stopped_paused_resumed_and_deleted() {
    let stopped = || Answer::ok(r#"{"StopTimestamp": 1767323045.0}"#);
    let deleted = Answer::new(202, r#"{"DeletionRequestTimestamp": 1767323045.0}"#);
    let done = || Answer::new(202, "{}");
    let service = FakeService::replying([stopped(), stopped(), done(), done(), deleted]).await;
    let execution = client(&service).execution::<()>(ARN);

    let time = execution.stop().await.unwrap();
    execution.stop().error("cancelled").await.unwrap();
    execution.pause().reason("maintenance").execution_timeout_paused(false).await.unwrap();
    execution.resume().reason("done").await.unwrap();
    execution.delete().await.unwrap();

    let [stop, with_error, pause, resume, delete] = service.requests().try_into().unwrap();
    assert_eq!(time, Timestamp::from_millis(1_767_323_045_000));
    assert_eq!(stop.body, json!(null));
    assert_eq!(with_error.body, json!({"ErrorType": "Error", "ErrorMessage": "cancelled"}));
    assert_eq!(pause.client_token().len(), 36);
    assert_eq!(pause.body["Reason"], json!("maintenance"));
    assert_eq!(pause.body["ExecutionTimeoutPaused"], json!(false));
    assert_ne!(pause.client_token(), resume.client_token());
    assert_eq!(resume.body["Reason"], json!("done"));
    assert_eq!(delete.method, "DELETE");
}

#[tokio::test]
async fn a_name_is_not_an_arn() {
    let service = FakeService::replying([Answer::ok("{}")]).await;

    let error = client(&service).execution::<()>("order-17").describe().await.unwrap_err();

    assert!(matches!(error, ClientError::InvalidRequest { .. }), "{error:?}");
    assert_eq!(service.requests().len(), 0);
}

#[tokio::test]
async fn a_response_of_something_else_is_not_read() {
    let service = FakeService::replying([Answer::ok("<html>")]).await;

    let error = client(&service).execution::<()>(ARN).describe().await.unwrap_err();

    assert!(matches!(error, ClientError::UnreadableResponse { .. }), "{error:?}");
}
