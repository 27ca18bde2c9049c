//! Callers that go away before they are answered.

use std::time::Duration;

use bytes::Bytes;
use durable_local::{ExecutionStart, FunctionDefinition};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::client::Call;
use super::guest::Host;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_execution_whose_starter_went_away_runs_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let start = ExecutionStart { input: Some("[1]".to_owned()), ..ExecutionStart::new("order") };

    tokio::select! {
        biased;
        _ = host.service().start_execution(start) => panic!("it is recorded before anybody goes away"),
        // Polled once: on a busy machine it is recorded before a second time.
        () = std::future::ready(()) => {}
    }

    let ended = async {
        loop {
            let list = host.call(Call::get("/2025-12-01/durable-executions")).await.json();
            if list["DurableExecutions"][0]["Status"] == json!("SUCCEEDED") {
                return;
            }
        }
    };
    timeout(PATIENCE, ended).await.unwrap();
}

#[tokio::test]
async fn a_plain_function_whose_caller_went_away_runs_to_its_end() {
    static BEGUN: Notify = Notify::const_new();
    static GONE: Notify = Notify::const_new();
    static ENDED: Notify = Notify::const_new();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_with(folder.path(), |settings| {
        let tax = FunctionDefinition::in_process("tax", async |_| {
            BEGUN.notify_one();
            GONE.notified().await;
            ENDED.notify_one();
            Ok(Bytes::from_static(b"1"))
        });
        settings.with_function(tax.plain())
    })
    .await;
    let mut caller = TcpStream::connect(host.service().address().unwrap()).await.unwrap();
    let request = "POST /2015-03-31/functions/tax/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1";
    caller.write_all(request.as_bytes()).await.unwrap();
    timeout(PATIENCE, BEGUN.notified()).await.unwrap();

    drop(caller);
    // The service notices that the caller is gone before it answers the next.
    host.call(Call::get("/health")).await;
    GONE.notify_one();

    timeout(PATIENCE, ENDED.notified()).await.unwrap();
}
