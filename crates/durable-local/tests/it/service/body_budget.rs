//! Bodies that need more memory than the service allows for all of them together.

use std::path::Path;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{Answer, Call, encoded};
use super::eventually::{eventually, until};
use super::guest::Host;

/// The budget of these services.
const BODY_BYTES: usize = 200_000;

async fn start(folder: &Path) -> Host {
    Host::start_with(folder, |mut settings| {
        settings.body_bytes = BODY_BYTES;
        settings
    })
    .await
}

/// Sends a request without its last byte, so that the service holds its body.
async fn unfinished(host: &Host, bytes: usize) -> TcpStream {
    let mut stream = TcpStream::connect(host.service().address().unwrap()).await.unwrap();
    let head = format!(
        "POST /2015-03-31/functions/order:1/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: {bytes}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; bytes - 1]).await.unwrap();
    stream
}

async fn invoke(host: &Host, bytes: usize) -> Answer {
    host.call(Call::invoke(format!("\"{}\"", "x".repeat(bytes - 2)))).await
}

#[tokio::test]
async fn a_body_over_the_budget_is_rejected_until_others_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(folder.path()).await;
    let upload = unfinished(&host, BODY_BYTES).await;

    let rejected = eventually("the upload has arrived", async || {
        Some(invoke(&host, 50_000).await).filter(|answer| answer.status != 200)
    });
    let rejected = rejected.await;
    drop(upload);

    let (status, error_type, fault, message) = rejected.error();
    assert_eq!((status, error_type.as_str(), fault.as_str()), (429, "TooManyRequestsException", "User"));
    assert_eq!(rejected.json()["Reason"], json!("CallerRateLimitExceeded"));
    assert_eq!(rejected.header("retry-after"), Some("1"));
    assert!(message.contains("retry when some have ended"), "{message}");
    until("the bytes are free", async || invoke(&host, 50_000).await.status == 200).await;
}

#[tokio::test]
async fn uploads_do_not_keep_checkpoints_and_answers_to_callbacks_out() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(folder.path()).await;
    let arn =
        host.call(Call::invoke("\"callback - -\"").header("x-amz-invocation-type", "Event")).await.arn();
    let id = eventually("it waits", async || {
        let history = host.call(Call::on("GET", &arn, "/history")).await.json();
        history["Events"][1]["CallbackStartedDetails"]["CallbackId"].as_str().map(str::to_owned)
    });
    let id = id.await;
    let _upload = unfinished(&host, BODY_BYTES).await;
    until("the upload has arrived", async || invoke(&host, 50_000).await.status == 429).await;

    // It records the answer and resumes, which takes checkpoints.
    let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", encoded(&id));
    let answered = host.call(Call::post(path).body(format!("\"{}\"", "y".repeat(50_000)))).await;

    assert_eq!(answered.status, 200);
    until("it ends", async || {
        host.call(Call::on("GET", &arn, "")).await.json()["Status"] == json!("SUCCEEDED")
    })
    .await;
    let checkpoint = Call::on("POST", &arn, "/checkpoint")
        .body(format!("{{\"CheckpointToken\":\"none\",\"ClientToken\":\"{}\"}}", "z".repeat(50_000)));
    assert_eq!(host.call(checkpoint).await.status, 400);
}

#[tokio::test]
async fn a_caller_that_waits_for_a_result_does_not_hold_the_memory_of_its_body() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(folder.path()).await;
    let padding = "x".repeat(BODY_BYTES - 10);
    let waiting = host.call(Call::invoke(format!("\"hang {padding}\"")));
    let answered = async {
        until("it runs", async || host.guest.invocations() > 0).await;
        invoke(&host, BODY_BYTES).await
    };

    tokio::select! {
        _ = waiting => panic!("it hangs"),
        answered = answered => assert_eq!(answered.status, 200),
    }
}

#[tokio::test]
async fn a_body_that_exceeds_the_whole_budget_is_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(folder.path()).await;

    let import = host.call(Call::post("/durable/executions").body(vec![b' '; BODY_BYTES + 1])).await;

    let (status, error_type, _, message) = import.error();
    assert_eq!((status, error_type.as_str()), (413, "RequestTooLargeException"));
    assert!(message.contains("smaller than 200000 bytes"), "{message}");
}
