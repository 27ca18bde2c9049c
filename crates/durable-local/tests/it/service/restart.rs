//! What survives the end of the service.

use std::sync::Mutex;
use std::time::Duration;

use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Resume, Settings};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::client::Call;
use super::eventually::until;
use super::guest::Host;

fn event(payload: &str) -> Call<'static> {
    Call::invoke(payload.as_bytes())
        .header("x-amz-invocation-type", "Event")
        .header("x-amz-durable-execution-name", "a")
}

async fn closed(host: &Host, arn: &str) -> Option<String> {
    let arn = arn.parse().unwrap();
    let closed = timeout(Duration::from_secs(10), host.service().wait_closed(&arn)).await;
    closed.unwrap().unwrap().result.clone()
}

async fn events(host: &Host, arn: &str) -> Vec<Value> {
    let page = host.call(Call::on("GET", arn, "/history?MaxItems=1000")).await.json();
    page["Events"].as_array().unwrap().clone()
}

async fn waiting(host: &Host, arn: &str) {
    let is_completed = |event: &Value| event["EventType"] == json!("InvocationCompleted");
    until("it waits", async || events(host, arn).await.iter().any(is_completed)).await;
}

#[tokio::test]
async fn a_wait_ends_on_time_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("\"wait 1\"")).await.arn();
    waiting(&host, &arn).await;
    host.shutdown().await;

    let host = Host::start(folder.path()).await;

    assert_eq!(closed(&host, &arn).await.as_deref(), Some("\"waited\""));
    assert_eq!(host.guest.invocations(), 1);
    let events = events(&host, &arn).await;
    let ids: Vec<_> = events.iter().map(|event| event["EventId"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=6).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_invocation_in_flight_is_lost_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go-on");
    let host = Host::start(folder.path()).await;
    let arn = host.call(event(&format!("\"wait-for {}\"", file.display()))).await.arn();
    host.shutdown().await;
    std::fs::write(&file, "").unwrap();

    let host = Host::start(folder.path()).await;

    closed(&host, &arn).await;
    let events = events(&host, &arn).await;
    let types: Vec<_> = events.iter().map(|event| event["EventType"].as_str().unwrap()).collect();
    let expected = ["ExecutionStarted", "InvocationCompleted", "InvocationCompleted", "ExecutionSucceeded"];
    assert_eq!(types, expected);
    let errors =
        [1, 2].map(|index| &events[index]["InvocationCompletedDetails"]["Error"]["Payload"]["ErrorType"]);
    assert_eq!(errors, [&json!("Runtime.ExitError"), &json!(null)]);
}

#[tokio::test]
async fn ended_executions_are_read_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("\"steps 5\"")).await.arn();
    let before = (host.call(Call::on("GET", &arn, "")).await.json(), events(&host, &arn).await);
    host.shutdown().await;

    let host = Host::start(folder.path()).await;

    let after = (host.call(Call::on("GET", &arn, "")).await.json(), events(&host, &arn).await);
    assert_eq!(after, before);
    assert_eq!(host.guest.invocations(), 0);
}

#[tokio::test]
async fn a_name_keeps_its_execution() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("[1]")).await.arn();
    closed(&host, &arn).await;
    host.shutdown().await;

    let host = Host::start(folder.path()).await;

    assert_eq!(host.call(event("[1]")).await.arn(), arn);
    assert_eq!(host.call(event("[2]")).await.status, 409);
}

#[tokio::test]
async fn on_demand_only_the_execution_that_is_started_again_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("\"wait 1\"")).await.arn();
    waiting(&host, &arn).await;
    host.shutdown().await;

    let host = Host::start_with(folder.path(), |mut settings| {
        settings.resume = Resume::OnDemand;
        settings
    })
    .await;
    let dormant = host.service().wait_closed(&arn.parse().unwrap()).await.unwrap_err();
    let running = host.call(Call::on("GET", &arn, "")).await.json();
    let start = ExecutionStart {
        execution_name: Some("a".to_owned()),
        input: Some("\"wait 1\"".to_owned()),
        ..ExecutionStart::new("order")
    };
    let started = host.service().start_execution(start).await.unwrap();

    assert!(dormant.to_string().contains("is not running in this service"), "{dormant}");
    assert_eq!(running["Status"], json!("RUNNING"));
    assert!(started.existed);
    assert_eq!(closed(&host, &arn).await.as_deref(), Some("\"waited\""));
}

#[tokio::test]
async fn executions_of_functions_that_are_not_there_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("\"hang\"")).await.arn();
    host.shutdown().await;

    let host = Host::start_with(folder.path(), |mut settings| {
        settings.functions.clear();
        settings
    })
    .await;

    assert_eq!(host.call(Call::on("GET", &arn, "")).await.json()["Status"], json!("RUNNING"));
    assert_eq!(events(&host, &arn).await.len(), 1);
}

#[tokio::test]
async fn an_invocation_under_way_ends_with_the_service_that_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let (held, mut released) = oneshot::channel::<()>();
    let (invoked, invocation) = oneshot::channel();
    let once = Mutex::new(Some((held, invoked)));
    let function = FunctionDefinition::in_process("order", move |_| {
        let (held, invoked) = once.lock().unwrap().take().unwrap();
        invoked.send(()).unwrap();
        async move {
            let _held = held;
            std::future::pending().await
        }
    });
    let service = LocalService::start(Settings::new(folder.path()).with_function(function)).await.unwrap();
    service.start_execution(ExecutionStart::new("order")).await.unwrap();
    invocation.await.unwrap();
    assert!(released.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Empty));

    drop(service);

    let dropped = timeout(Duration::from_secs(10), released).await;
    assert!(dropped.is_ok_and(|answer| answer.is_err()));
}
