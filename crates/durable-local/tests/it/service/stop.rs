//! Stopping executions, over HTTP.

use durable_local::Resume;
use serde_json::{Value, json};

use super::client::Call;
use super::guest::Host;

async fn start(host: &Host, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    host.call(call).await.arn()
}

async fn described(host: &Host, arn: &str) -> Value {
    host.call(Call::on("GET", arn, "")).await.json()
}

#[tokio::test]
async fn a_stop_ends_an_execution_with_the_error_that_is_the_body() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;
    let error = json!({ "ErrorType": "Recall", "ErrorMessage": "not any more" });

    let stopped = host.call(Call::on("POST", &arn, "/stop").body(error.to_string())).await;

    assert_eq!(stopped.status, 200);
    let described = described(&host, &arn).await;
    assert_eq!((&described["Status"], &described["Error"]), (&json!("STOPPED"), &error));
    assert_eq!(stopped.json()["StopTimestamp"], described["EndTimestamp"]);
}

#[tokio::test]
async fn a_stop_without_body_has_a_standard_reason_and_is_idempotent() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;

    let first = host.call(Call::on("POST", &arn, "/stop")).await.json();
    let second = host.call(Call::on("POST", &arn, "/stop")).await.json();

    assert_eq!(first, second);
    let described = described(&host, &arn).await;
    assert_eq!(described["Error"]["ErrorMessage"], json!("Execution stopped by user request"));
}

#[tokio::test]
async fn whoever_waits_for_a_stopped_execution_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let name = || ("x-amz-durable-execution-name", "a");
    let event = Call::invoke("\"hang\"").header(name().0, name().1);
    let arn = host.call(event.header("x-amz-invocation-type", "Event")).await.arn();
    let waiting = host.call(Call::invoke("\"hang\"").header(name().0, name().1));

    let stop = host.call(Call::on("POST", &arn, "/stop"));
    let (answer, _) = tokio::join!(waiting, stop);

    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(answer.json()["errorMessage"], json!("Execution stopped by user request"));
}

#[tokio::test]
async fn the_token_of_a_stopped_execution_is_worth_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "hang").await;
    let token = host.guest.token().await;
    host.call(Call::on("POST", &arn, "/stop")).await;

    let body = json!({ "CheckpointToken": token, "Updates": [] }).to_string();
    let refused = host.call(Call::on("POST", &arn, "/checkpoint").body(body)).await;

    let (status, error_type, _, message) = refused.error();
    assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(message, "Invalid checkpoint token");
}

#[tokio::test]
async fn an_execution_that_goes_on_only_on_demand_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "wait 600").await;
    host.shutdown().await;
    let host = Host::start_with(folder.path(), |mut settings| {
        settings.resume = Resume::OnDemand;
        settings
    })
    .await;

    assert_eq!(host.call(Call::on("POST", &arn, "/stop")).await.status, 200);

    assert_eq!(described(&host, &arn).await["Status"], json!("STOPPED"));
}

#[tokio::test]
async fn an_execution_that_is_not_there_cannot_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:order:1/durable-execution/a/b";

    let (status, error_type, ..) = host.call(Call::on("POST", arn, "/stop")).await.error();

    assert_eq!((status, error_type.as_str()), (404, "ResourceNotFoundException"));
}
