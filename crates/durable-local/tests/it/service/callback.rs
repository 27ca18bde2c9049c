//! Answers to callbacks, over HTTP.

use std::path::Path;
use std::time::Duration;

use durable_store_sqlite::Store;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{Call, encoded};
use super::eventually::eventually;
use super::guest::Host;

/// Starts an execution that waits for a callback; gives its ARN.
async fn start(host: &Host, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    host.call(call).await.arn()
}

async fn events(host: &Host, arn: &str) -> Vec<Value> {
    let page = host.call(Call::on("GET", arn, "/history?MaxItems=1000")).await.json();
    page["Events"].as_array().unwrap().clone()
}

/// The id of the callback, once it has begun.
async fn callback_id(host: &Host, arn: &str) -> String {
    eventually("the callback begins", async || {
        let events = events(host, arn).await;
        let details = events.iter().find_map(|event| event.get("CallbackStartedDetails"))?;
        Some(details["CallbackId"].as_str().unwrap().to_owned())
    })
    .await
}

fn answer(id: &str, word: &str) -> Call<'static> {
    let id = encoded(id).replace('+', "%2B").replace('=', "%3D");
    Call::post(format!("/2025-12-01/durable-execution-callbacks/{id}/{word}"))
}

/// What a folder holds of an execution while no service uses it.
async fn recorded(folder: &Path, arn: &str) -> Vec<String> {
    let (_, id) = arn.rsplit_once('/').unwrap();
    Store::open(folder).unwrap().events(id, 0).await.unwrap()
}

/// The end of an execution: its status, its result and its error.
async fn closed(host: &Host, arn: &str) -> (String, Option<String>, Option<String>) {
    let arn = arn.parse().unwrap();
    let closed = timeout(Duration::from_secs(10), host.service().wait_closed(&arn)).await.unwrap().unwrap();
    let error = closed.error.as_ref().map(ToString::to_string);
    (closed.status.to_string(), closed.result.clone(), error)
}

#[tokio::test]
async fn the_body_of_a_success_is_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;

    let sent = host.call(answer(&id, "succeed").body("{\"ok\":true}")).await;

    assert_eq!((sent.status, sent.json()), (200, json!({})));
    assert_eq!(closed(&host, &arn).await, ("SUCCEEDED".to_owned(), Some("{\"ok\":true}".to_owned()), None));
}

#[tokio::test]
async fn the_body_of_a_failure_is_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;
    let error = json!({ "ErrorType": "Declined", "ErrorMessage": "no", "StackTrace": ["a"] });

    let sent = host.call(answer(&id, "fail").body(error.to_string())).await;

    assert_eq!((sent.status, sent.json()), (200, json!({})));
    assert_eq!(closed(&host, &arn).await.2.as_deref(), Some("Declined: no"));
    let failed = events(&host, &arn).await.into_iter().find(|event| event["EventType"] == "CallbackFailed");
    assert_eq!(failed.unwrap()["CallbackFailedDetails"]["Error"]["Payload"], error);
}

#[tokio::test]
async fn a_body_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    for (word, status) in [("succeed", "SUCCEEDED"), ("fail", "FAILED")] {
        let arn = start(&host, "callback").await;
        let id = callback_id(&host, &arn).await;

        assert_eq!(host.call(answer(&id, word)).await.status, 200);

        assert_eq!(closed(&host, &arn).await, (status.to_owned(), None, None));
    }
}

#[tokio::test]
async fn a_body_that_is_no_error_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;

    let malformed = host.call(answer(&id, "fail").body("{")).await;
    let strange = host.call(answer(&id, "fail").body("[1]")).await;
    let bytes = host.call(answer(&id, "succeed").body([0xff])).await;

    assert_eq!((malformed.status, malformed.error().1.as_str()), (400, "SerializationException"));
    assert_eq!((strange.status, strange.error().1.as_str()), (400, "SerializationException"));
    assert_eq!((bytes.status, bytes.error().1.as_str()), (400, "InvalidParameterValueException"));
}

#[tokio::test]
async fn a_callback_that_is_answered_or_unknown_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;
    host.call(answer(&id, "succeed")).await;
    closed(&host, &arn).await;

    for word in ["succeed", "fail", "heartbeat"] {
        let late = host.call(answer(&id, word)).await;
        assert_eq!((late.status, late.error().1.as_str()), (400, "CallbackTimeoutException"), "{word}");

        let unknown = host.call(answer("AAAA", word)).await;
        assert_eq!((unknown.status, unknown.error().1.as_str()), (404, "ResourceNotFoundException"));

        let invalid = host.call(answer("%24", word)).await;
        assert_eq!((invalid.status, invalid.error().1.as_str()), (400, "InvalidParameterValueException"));
    }
}

#[tokio::test]
async fn a_heartbeat_is_accepted_while_the_callback_is_open_and_does_not_invoke_the_function() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback 60 60").await;
    let id = callback_id(&host, &arn).await;

    let heartbeat = host.call(answer(&id, "heartbeat")).await;
    host.call(answer(&id, "succeed").body("1")).await;

    assert_eq!((heartbeat.status, heartbeat.json()), (200, json!({})));
    assert_eq!(closed(&host, &arn).await.0, "SUCCEEDED");
    assert_eq!(host.guest.invocations(), 2);
}

#[tokio::test]
async fn a_thousand_heartbeats_add_one_event_to_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback 60 60").await;
    let id = callback_id(&host, &arn).await;

    for _ in 0..1_000 {
        assert_eq!(host.call(answer(&id, "heartbeat")).await.status, 200);
    }
    host.shutdown().await;
    let by_the_first_process = recorded(folder.path(), &arn).await;
    let host = Host::start(folder.path()).await;
    assert_eq!(host.call(answer(&id, "heartbeat")).await.status, 200);
    host.shutdown().await;

    let events = recorded(folder.path(), &arn).await;
    let is_heartbeat = |event: &&String| event.contains("HeartbeatReceived");
    assert_eq!(events.iter().filter(is_heartbeat).count(), 1);
    assert_eq!(events.len(), by_the_first_process.len());
    assert_ne!(events, by_the_first_process, "the last heartbeat counts");
    let host = Host::start(folder.path()).await;
    host.call(answer(&id, "succeed").body("7")).await;
    assert_eq!(closed(&host, &arn).await.1.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_callback_is_answered_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;
    host.shutdown().await;

    let host = Host::start(folder.path()).await;
    host.call(answer(&id, "succeed").body("7")).await;

    assert_eq!(closed(&host, &arn).await.1.as_deref(), Some("7"));
}

#[tokio::test]
async fn an_answer_wakes_an_execution_that_goes_on_only_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;
    host.shutdown().await;

    let host = Host::start_with(folder.path(), |mut settings| {
        settings.resume = durable_local::Resume::OnDemand;
        settings
    })
    .await;
    assert_eq!(host.call(answer(&id, "succeed").body("7")).await.status, 200);

    assert_eq!(closed(&host, &arn).await.1.as_deref(), Some("7"));
}

#[tokio::test]
async fn an_execution_whose_function_was_removed_takes_answers_and_continues_once_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "callback").await;
    let id = callback_id(&host, &arn).await;
    host.shutdown().await;
    let host = Host::start_guest(folder.path(), |_, settings| settings).await;

    let answered = host.call(answer(&id, "succeed").body("7")).await;

    assert_eq!(answered.status, 200);
    host.shutdown().await;
    let host = Host::start(folder.path()).await;
    assert_eq!(closed(&host, &arn).await.1.as_deref(), Some("7"));
}

#[tokio::test]
async fn an_empty_checkpoint_tells_that_a_callback_was_answered_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = start(&host, "poll").await;
    let id = callback_id(&host, &arn).await;

    host.call(answer(&id, "succeed").body("7")).await;

    assert_eq!(closed(&host, &arn).await.1.as_deref(), Some("7"));
    assert_eq!(host.guest.invocations(), 1);
}
