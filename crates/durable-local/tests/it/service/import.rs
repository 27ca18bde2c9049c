//! What one service has recorded of an execution, taken in by another.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use super::client::{Call, encoded};
use super::eventually::until;
use super::guest::Host;

const MEGABYTE: usize = 1024 * 1024;

/// An execution that has ended elsewhere, and a request that takes it in with so many large lines.
async fn recorded(folder: &Path, lines: usize) -> (String, Call<'static>) {
    let host = Host::start(folder).await;
    let arn = host.call(Call::invoke("[1]")).await.arn();
    let path = format!("/durable/executions/{}/record", encoded(&arn));
    let record = host.call(Call::get(path)).await.json();
    let line = json!({ "timestamp": 1, "message": "x".repeat(MEGABYTE), "durableExecutionArn": arn });
    let import = json!({ "record": record, "logs": vec![line; lines] });
    (arn, Call::post("/durable/executions").body(import.to_string()))
}

/// How many lines the log holds of what is imported.
async fn lines(host: &Host, log: &Connection) -> i64 {
    // Whoever reads lines waits until all are written.
    let read = Call::post("/").header("x-amz-target", "Logs_20140328.FilterLogEvents").body(r#"{"limit":1}"#);
    assert_eq!(host.call(read).await.status, 200);
    log.query_row("SELECT count(*) FROM lines", (), |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_execution_is_taken_in_though_it_is_larger_than_other_requests_may_be() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (arn, import) = recorded(from.path(), 17).await;
    let host = Host::start(to.path()).await;
    let log = Connection::open(to.path().join("logs.sqlite3")).unwrap();

    let imported = host.call(import).await;

    assert_eq!(imported.status, 201);
    assert_eq!(host.call(Call::on("GET", &arn, "")).await.status, 200);
    assert_eq!(lines(&host, &log).await, 17);
}

#[tokio::test]
async fn lines_that_wait_to_be_written_keep_no_other_request_waiting() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (arn, import) = recorded(from.path(), 10).await;
    let host = Host::start(to.path()).await;
    let log = Connection::open(to.path().join("logs.sqlite3")).unwrap();
    // Lines that cannot be written for long are lost, and this test answers for the service in one thread with it.
    log.execute_batch("BEGIN IMMEDIATE").unwrap();

    let importing = tokio::spawn(import.send(host.service().address().unwrap()));
    until("it is there", async || host.call(Call::on("GET", &arn, "")).await.status == 200).await;
    log.execute_batch("COMMIT").unwrap();

    assert_eq!(importing.await.unwrap().status, 201);
    assert_eq!(lines(&host, &log).await, 10);
}
