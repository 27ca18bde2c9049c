//! Calls of other functions, with functions that run in the test's process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use durable_local::{FunctionDefinition, Resume, Settings};
use durable_types::{DurableConfig, ErrorObject};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use super::client::Call;
use super::eventually::{eventually, until};
use super::guest::{Guest, Host};

/// A service with the durable functions `order`, `ship` and `hasty`, and plain functions.
async fn host(folder: &Path) -> Host {
    Host::start_guest(folder, all).await
}

fn all(guest: &Guest, settings: Settings) -> Settings {
    let tax = FunctionDefinition::in_process("tax", async |input: Bytes| {
        Ok([b"tax of ", &input[..]].concat().into())
    });
    let broken = FunctionDefinition::in_process("broken", async |_| Err(ErrorObject::new("Custom", "broke")));
    let bytes = FunctionDefinition::in_process("bytes", async |_| Ok(vec![0xff].into()));
    with_ship(guest, settings)
        .with_function(guest.definition("order"))
        .with_function(bytes.plain())
        .with_function(tax.plain())
        .with_function(broken.plain())
}

fn with_ship(guest: &Guest, settings: Settings) -> Settings {
    let durable_config = DurableConfig::default().with_execution_timeout(2);
    let hasty = guest.definition("hasty").with_durable_config(durable_config);
    settings.with_function(guest.definition("ship")).with_function(hasty)
}

/// Starts an execution of `order` that does this.
async fn start(host: &Host, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    host.call(call).await.arn()
}

/// The end of an execution: its status, then its result or its error.
async fn closed(host: &Host, arn: &str) -> (String, String) {
    let arn = arn.parse().unwrap();
    let closed = timeout(Duration::from_secs(10), host.service().wait_closed(&arn)).await.unwrap().unwrap();
    let error = closed.error.as_ref().map(ToString::to_string);
    (closed.status.to_string(), error.or(closed.result.clone()).unwrap_or_default())
}

async fn run(host: &Host, task: &str) -> (String, String) {
    let arn = start(host, task).await;
    closed(host, &arn).await
}

fn ended(status: &str, with: &str) -> (String, String) {
    (status.to_owned(), with.to_owned())
}

async fn events(host: &Host, arn: &str) -> Vec<Value> {
    let page = host.call(Call::on("GET", arn, "/history?MaxItems=1000")).await.json();
    page["Events"].as_array().unwrap().clone()
}

/// The execution that a call has started, once the call is recorded.
async fn child(host: &Host, arn: &str) -> String {
    eventually("a function is called", async || {
        let events = events(host, arn).await;
        let details = events.iter().find_map(|event| event.get("ChainedInvokeStartedDetails"))?;
        Some(details["DurableExecutionArn"].as_str().unwrap().to_owned())
    })
    .await
}

/// Waits until an execution is there.
async fn begun(host: &Host, arn: &str) {
    until("the execution is there", async || host.call(Call::on("GET", arn, "")).await.status == 200).await;
}

#[tokio::test]
async fn a_call_of_a_durable_function_is_an_execution_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    let arn = start(&host, "call ship:7 steps 2").await;

    assert_eq!(closed(&host, &arn).await, ended("SUCCEEDED", "2"));
    let child = child(&host, &arn).await;
    assert!(child.contains(":function:ship:7/durable-execution/"), "{child}");
    let described = host.call(Call::on("GET", &child, "")).await.json();
    assert_eq!(described["Status"], json!("SUCCEEDED"));
    assert_eq!(described["InputPayload"], json!("\"steps 2\""));
    assert_eq!(described["TraceHeader"], json!({ "XAmznTraceId": "Root=call" }));
    let events = events(&host, &arn).await;
    let types: Vec<_> = events.iter().map(|event| event["EventType"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "ExecutionStarted",
            "ChainedInvokeStarted",
            "InvocationCompleted",
            "ChainedInvokeSucceeded",
            "InvocationCompleted",
            "ExecutionSucceeded"
        ]
    );
    let started = &events[1]["ChainedInvokeStartedDetails"];
    assert_eq!((&started["FunctionName"], &started["ExecutedVersion"]), (&json!("ship:7"), &json!("7")));
    assert_eq!(started["Input"]["Payload"], json!("\"steps 2\""));
}

#[tokio::test]
async fn a_call_ends_as_the_execution_does_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    assert_eq!(run(&host, "call ship:1 fail no").await, ended("FAILED", "PaymentError: no"));
    let timed_out = "ChainedInvoke.Timeout: CHAINED_INVOKE timed out after 2 seconds.";
    assert_eq!(run(&host, "call hasty:1 wait 60").await, ended("FAILED", timed_out));

    let arn = start(&host, "call ship:1 wait 60").await;
    let child = child(&host, &arn).await;
    begun(&host, &child).await;
    let error = json!({ "ErrorType": "Recall", "ErrorMessage": "no" }).to_string();
    assert_eq!(host.call(Call::on("POST", &child, "/stop").body(error)).await.status, 200);
    assert_eq!(closed(&host, &arn).await, ended("FAILED", "Recall: no"));
    let last_but = events(&host, &arn).await;
    assert!(last_but.iter().any(|event| event["EventType"] == "ChainedInvokeStopped"));
}

#[tokio::test]
async fn a_plain_function_is_invoked_once_with_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    assert_eq!(run(&host, "call tax of goods").await, ended("SUCCEEDED", "tax of \"of goods\""));
    assert_eq!(run(&host, "call broken").await, ended("FAILED", "Custom: broke"));
    let garbled = "InvalidParameterValueException: CHAINED_INVOKE response could not be decoded as UTF-8.";
    assert_eq!(run(&host, "call bytes").await, ended("FAILED", garbled));
}

#[tokio::test]
async fn a_function_that_nobody_knows_fails_the_call_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    let ending = run(&host, "call nobody:1").await;

    assert_eq!(ending, ended("FAILED", "ResourceNotFoundException: Function not found: nobody:1."));
    assert_eq!(host.guest.invocations(), 1, "the answer to the checkpoint says so");
}

#[tokio::test]
async fn a_function_calls_itself() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    let ending = run(&host, "call order:1 call order:1 call order:1 wait 1").await;

    assert_eq!(ending, ended("SUCCEEDED", "\"waited\""));
}

#[tokio::test]
async fn a_call_under_way_is_awaited_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let arn = start(&first, "call ship:1 call order:1 wait 2").await;
    let child_arn = child(&first, &arn).await;
    begun(&first, &child_arn).await;
    first.shutdown().await;

    let next = host(folder.path()).await;

    assert_eq!(closed(&next, &arn).await, ended("SUCCEEDED", "\"waited\""));
    assert_eq!(child(&next, &arn).await, child_arn);
}

#[tokio::test]
async fn the_end_of_a_call_is_told_though_the_caller_was_not_there_when_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let arn = start(&first, "call ship:1 wait 1").await;
    let child = child(&first, &arn).await;
    begun(&first, &child).await;
    first.shutdown().await;
    let without_caller = Host::start_guest(folder.path(), with_ship).await;
    assert_eq!(closed(&without_caller, &child).await, ended("SUCCEEDED", "\"waited\""));
    without_caller.shutdown().await;

    let next = host(folder.path()).await;

    assert_eq!(closed(&next, &arn).await, ended("SUCCEEDED", "\"waited\""));
    let events = events(&next, &arn).await;
    let ends = events.iter().filter(|event| event["EventType"] == "ChainedInvokeSucceeded").count();
    assert_eq!(ends, 1);
}

#[tokio::test]
async fn the_end_of_a_call_is_told_though_its_function_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let arn = start(&first, "call ship:1 wait 1").await;
    let child = child(&first, &arn).await;
    begun(&first, &child).await;
    first.shutdown().await;
    let without_caller = Host::start_guest(folder.path(), with_ship).await;
    closed(&without_caller, &child).await;
    without_caller.shutdown().await;

    let without_called = Host::start(folder.path()).await;

    assert_eq!(closed(&without_called, &arn).await, ended("SUCCEEDED", "\"waited\""));
}

#[tokio::test]
async fn an_execution_that_was_called_goes_on_with_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let call = Call::invoke("\"call ship:1 wait 1\"").header("x-amz-durable-execution-name", "a");
    let arn = first.call(call.header("x-amz-invocation-type", "Event")).await.arn();
    let child = child(&first, &arn).await;
    begun(&first, &child).await;
    first.shutdown().await;
    let on_demand = Host::start_guest(folder.path(), |guest, settings| {
        let mut settings = all(guest, settings);
        settings.resume = Resume::OnDemand;
        settings
    });

    let next = on_demand.await;
    next.service().find_execution("order", "a").await.unwrap().unwrap();

    assert_eq!(closed(&next, &arn).await, ended("SUCCEEDED", "\"waited\""));
}

#[tokio::test]
async fn a_call_that_was_recorded_but_not_made_is_made_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let arn = start(&first, "call ship:1 wait 1").await;
    let child = child(&first, &arn).await;
    begun(&first, &child).await;
    first.shutdown().await;
    forget(folder.path(), &child);

    let next = host(folder.path()).await;

    assert_eq!(closed(&next, &arn).await, ended("SUCCEEDED", "\"waited\""));
    assert_eq!(closed(&next, &child).await, ended("SUCCEEDED", "\"waited\""));
}

/// Takes an execution out of the record, as if the process had ended just before it began.
fn forget(folder: &Path, arn: &str) {
    let file = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            rusqlite::Connection::open(path)
                .is_ok_and(|it| it.table_exists(None, "event_blocks").is_ok_and(|it| it))
        })
        .unwrap();
    let connection = rusqlite::Connection::open(file).unwrap();
    let (_, execution_id) = arn.rsplit_once('/').unwrap();
    let key = "(SELECT key FROM executions WHERE execution_id = ?1)";
    connection.execute(&format!("DELETE FROM event_blocks WHERE execution = {key}"), [execution_id]).unwrap();
    assert_eq!(
        connection.execute("DELETE FROM executions WHERE execution_id = ?1", [execution_id]).unwrap(),
        1
    );
}

#[tokio::test]
async fn a_plain_function_that_was_cut_off_is_invoked_again() {
    let folder = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let start_host = |answers: bool| {
        let calls = Arc::clone(&calls);
        Host::start_guest(folder.path(), move |guest, settings| {
            let slow = FunctionDefinition::in_process("slow", move |_| {
                calls.fetch_add(1, Ordering::SeqCst);
                async move { if answers { Ok("7".into()) } else { std::future::pending().await } }
            });
            settings.with_function(guest.definition("order")).with_function(slow.plain())
        })
    };
    let first = start_host(false).await;
    let arn = start(&first, "call slow").await;
    until("the function is called", async || calls.load(Ordering::SeqCst) > 0).await;
    first.shutdown().await;

    let next = start_host(true).await;

    assert_eq!(closed(&next, &arn).await, ended("SUCCEEDED", "7"));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

/// A service whose plain function `slow` counts its calls, and responds when it is instructed to.
async fn slow_host(folder: &Path) -> (Host, watch::Sender<usize>, watch::Sender<bool>) {
    let (calls, answers) = (watch::Sender::new(0), watch::Sender::new(false));
    let (called, answered) = (calls.clone(), answers.clone());
    let host = Host::start_guest(folder, |guest, settings| {
        let slow = FunctionDefinition::in_process("slow", move |_| {
            called.send_modify(|calls| *calls += 1);
            let mut answered = answered.subscribe();
            async move {
                answered.wait_for(|answered| *answered).await.unwrap();
                Ok("7".into())
            }
        });
        settings.with_function(guest.definition("order")).with_function(slow.plain())
    });
    (host.await, calls, answers)
}

#[tokio::test]
async fn a_plain_function_is_not_called_again_because_its_end_could_not_be_recorded_at_once() {
    let place = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (place.path().join("data"), place.path().join("elsewhere"));
    let (host, calls, answers) = slow_host(&folder).await;
    let arn = start(&host, "call slow").await.parse().unwrap();
    calls.subscribe().wait_for(|calls| *calls > 0).await.unwrap();

    std::fs::rename(&folder, &elsewhere).unwrap();
    answers.send_replace(true);
    host.service().wait_closed(&arn).await.unwrap_err();
    std::fs::rename(&elsewhere, &folder).unwrap();

    let end = async || host.service().wait_closed(&arn).await.ok();
    assert_eq!(eventually("the caller has ended", end).await.result.as_deref(), Some("7"));
    assert_eq!(*calls.borrow(), 1);
}

#[tokio::test]
async fn a_plain_function_is_not_called_beside_its_first_call_when_the_caller_goes_on_after_a_failure() {
    let place = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (place.path().join("data"), place.path().join("elsewhere"));
    let (host, calls, answers) = slow_host(&folder).await;
    let arn = start(&host, "call slow").await;
    calls.subscribe().wait_for(|calls| *calls > 0).await.unwrap();
    let send = async |path| host.call(Call::on("POST", &arn, path)).await.status;

    std::fs::rename(&folder, &elsewhere).unwrap();
    assert_eq!(send("/pause").await, 500);
    std::fs::rename(&elsewhere, &folder).unwrap();
    until("the caller goes on", async || send("/pause").await == 202).await;
    until("the caller runs", async || send("/resume").await == 202).await;
    answers.send_replace(true);

    assert_eq!(closed(&host, &arn).await, ended("SUCCEEDED", "7"));
    assert_eq!(*calls.borrow(), 1);
}

#[tokio::test]
async fn the_execution_that_was_called_goes_on_when_the_caller_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;
    let arn = start(&host, "call ship:1 wait 1").await;
    let child = child(&host, &arn).await;
    begun(&host, &child).await;

    host.call(Call::on("POST", &arn, "/stop")).await;

    assert_eq!(closed(&host, &arn).await.0, "STOPPED");
    assert_eq!(closed(&host, &child).await, ended("SUCCEEDED", "\"waited\""));
}

#[tokio::test]
async fn a_plain_function_is_invoked_from_outside_without_an_execution() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;
    let invoke = |name: &str| Call::post(format!("/2015-03-31/functions/{name}/invocations")).body("1");

    let answer = host.call(invoke("tax")).await;
    let failed = host.call(invoke("broken")).await;
    let event = host.call(invoke("tax").header("x-amz-invocation-type", "Event")).await;
    let durable = host.call(invoke("ship")).await;

    assert_eq!((answer.status, answer.body.as_slice()), (200, b"tax of 1".as_slice()));
    assert_eq!(answer.header("x-amz-durable-execution-arn"), None);
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(failed.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(failed.json()["errorType"], json!("Custom"));
    assert_eq!((event.status, event.body.len()), (202, 0));
    assert_eq!(durable.error().3, "You cannot invoke a durable function using an unqualified ARN.");
}
