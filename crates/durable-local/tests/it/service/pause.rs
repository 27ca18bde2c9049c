//! Pausing and resuming executions, over HTTP.

use std::time::Duration;

use durable_local::Resume;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{Call, encoded};
use super::eventually::until;
use super::guest::Host;

async fn start(host: &Host, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    host.call(call).await.arn()
}

async fn described(host: &Host, arn: &str) -> Value {
    host.call(Call::on("GET", arn, "")).await.json()
}

async fn pause(host: &Host, arn: &str) {
    let body = json!({ "Reason": "a release" }).to_string();
    let answer = host.call(Call::on("POST", arn, "/pause").body(body)).await;
    assert_eq!((answer.status, answer.json()), (202, json!({})));
}

async fn resume(host: &Host, arn: &str) {
    let answer = host.call(Call::on("POST", arn, "/resume").body("{}")).await;
    assert_eq!((answer.status, answer.json()), (202, json!({})));
}

/// Starts an execution that waits for a callback, and gives the id of that.
async fn start_callback(host: &Host) -> (String, String) {
    let arn = start(host, "callback - -").await;
    wait_for_event(host, &arn, "InvocationCompleted").await;
    let history = host.call(Call::on("GET", &arn, "/history")).await.json();
    let callback_id =
        history["Events"][1]["CallbackStartedDetails"]["CallbackId"].as_str().unwrap().to_owned();
    (arn, callback_id)
}

async fn answer(host: &Host, callback_id: &str) {
    let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", encoded(callback_id));
    assert_eq!(host.call(Call::post(path).body("\"yes\"")).await.status, 200);
}

async fn types(host: &Host, arn: &str) -> Vec<String> {
    let history = host.call(Call::on("GET", arn, "/history")).await.json();
    let events = history["Events"].as_array().unwrap();
    events.iter().map(|event| event["EventType"].as_str().unwrap().to_owned()).collect()
}

async fn wait_for_event(host: &Host, arn: &str, event_type: &str) {
    let is_recorded = async || types(host, arn).await.iter().any(|recorded| recorded == event_type);
    until(event_type, is_recorded).await;
}

async fn result(host: &Host, arn: &str) -> Option<String> {
    let arn = arn.parse().unwrap();
    let closed = timeout(Duration::from_secs(10), host.service().wait_closed(&arn)).await;
    closed.unwrap().unwrap().result.clone()
}

#[tokio::test]
async fn a_paused_execution_goes_on_when_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let (arn, callback_id) = start_callback(&host).await;

    pause(&host, &arn).await;
    let paused = described(&host, &arn).await;
    answer(&host, &callback_id).await;
    assert_eq!(host.guest.invocations(), 1, "what is paused is not invoked");
    resume(&host, &arn).await;

    assert_eq!(result(&host, &arn).await.as_deref(), Some("\"yes\""));
    assert_eq!(paused["Status"], json!("PAUSED"));
    assert_eq!(paused["PauseDetails"]["Reason"], json!("a release"));
    assert_eq!(paused["PauseDetails"]["ExecutionTimeoutPaused"], json!(true));
    assert!(paused["PauseDetails"]["PauseRequestTimestamp"].is_number());
    let ended = described(&host, &arn).await;
    assert_eq!((&ended["Status"], &ended["PauseDetails"]), (&json!("SUCCEEDED"), &json!(null)));
    let events = types(&host, &arn).await;
    assert_eq!(events[3..6], ["ExecutionPaused", "CallbackSucceeded", "ExecutionResumed"]);
}

#[tokio::test]
async fn the_token_is_withheld_from_an_invocation_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "hang").await;
    let token = host.guest.token().await;

    pause(&host, &arn).await;
    assert_eq!(described(&host, &arn).await["Status"], json!("PAUSING"));
    let body = json!({ "CheckpointToken": token, "Updates": [] }).to_string();
    let answer = host.call(Call::on("POST", &arn, "/checkpoint").body(body)).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["CheckpointToken"], json!(null));
    assert_eq!(answer.json()["NewExecutionState"]["Operations"].as_array().map_or(0, Vec::len), 0);
    assert_eq!(described(&host, &arn).await["Status"], json!("PAUSED"));
}

#[tokio::test]
async fn the_reasons_are_data_of_the_execution() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;
    wait_for_event(&host, &arn, "InvocationCompleted").await;
    pause(&host, &arn).await;

    let execution = host.call(Call::on("GET", &arn, "?IncludeExecutionData=false")).await.json();
    let history = host.call(Call::on("GET", &arn, "/history?IncludeExecutionData=false")).await.json();

    assert_eq!(execution["PauseDetails"]["Reason"], json!(null));
    assert_eq!(history["Events"][3]["ExecutionPausedDetails"]["Reason"], json!({ "Truncated": true }));
}

#[tokio::test]
async fn what_is_paused_stays_paused_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let (waiting, callback_id) = start_callback(&host).await;
    pause(&host, &waiting).await;
    let hanging = start(&host, "hang").await;
    pause(&host, &hanging).await;
    host.shutdown().await;

    let host = Host::start(folder.path()).await;
    answer(&host, &callback_id).await;
    wait_for_event(&host, &hanging, "ExecutionPaused").await;

    assert_eq!(described(&host, &waiting).await["Status"], json!("PAUSED"));
    assert_eq!(described(&host, &hanging).await["Status"], json!("PAUSED"));
    assert_eq!(host.guest.invocations(), 0);
    resume(&host, &waiting).await;
    assert_eq!(result(&host, &waiting).await.as_deref(), Some("\"yes\""));
}

#[tokio::test]
async fn an_execution_that_goes_on_only_on_demand_can_be_paused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;
    wait_for_event(&host, &arn, "InvocationCompleted").await;
    host.shutdown().await;
    let host = Host::start_with(folder.path(), |mut settings| {
        settings.resume = Resume::OnDemand;
        settings
    })
    .await;

    pause(&host, &arn).await;

    assert_eq!(described(&host, &arn).await["Status"], json!("PAUSED"));
}

#[tokio::test]
async fn what_has_ended_can_be_neither_paused_nor_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("1")).await.arn();

    for (path, done) in [("/pause", "paused"), ("/resume", "resumed")] {
        let answer = host.call(Call::on("POST", &arn, path)).await;

        let message = format!("The execution has ended and cannot be {done}.");
        assert_eq!(answer.error(), (409, "ResourceConflictException".into(), "User".into(), message));
    }
}

#[tokio::test]
async fn what_is_not_there_can_be_neither_paused_nor_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:order:1/durable-execution/a/b";

    for path in ["/pause", "/resume"] {
        let (status, error_type, ..) = host.call(Call::on("POST", arn, path)).await.error();

        assert_eq!((status, error_type.as_str()), (404, "ResourceNotFoundException"));
    }
}

#[tokio::test]
async fn requests_that_break_a_rule_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;

    let cases = [
        (json!({ "Reason": "x".repeat(1_025) }).to_string(), "InvalidParameterValueException"),
        (json!({ "ClientToken": "with space" }).to_string(), "InvalidParameterValueException"),
        (json!({ "Reason": 7 }).to_string(), "SerializationException"),
        ("{".to_owned(), "SerializationException"),
    ];
    for path in ["/pause", "/resume"] {
        for (body, expected) in &cases {
            let answer = host.call(Call::on("POST", &arn, path).body(body.as_bytes())).await;

            let (status, error_type, ..) = answer.error();
            assert_eq!((status, error_type.as_str()), (400, *expected), "{path} {body}");
        }
    }
    assert_eq!(described(&host, &arn).await["Status"], json!("RUNNING"));
}
