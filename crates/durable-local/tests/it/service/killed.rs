//! Chained invokes when the service is killed between the end of the callee and the notification of the caller.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use durable_local::ExecutionStart;
use tempfile::TempDir;
use tokio::time::timeout;

use super::eventually::until;
use super::guest::Host;
use crate::role;

const FOLDER: &str = "DURABLE_TEST_FOLDER";

/// What the service tells of itself, in this order.
const STAGES: [&str; 3] = ["the caller runs", "the called function runs", "the called function has ended"];

async fn host(folder: &Path) -> Host {
    Host::start_guest(folder, |guest, settings| {
        settings.with_function(guest.definition("order")).with_function(guest.definition("ship"))
    })
    .await
}

/// The part of the service: starts an execution that calls a function, and tells how far it has come.
pub(crate) fn host_until_killed() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = host(&folder).await;
        let start = ExecutionStart {
            execution_name: Some("a".to_owned()),
            input: Some("\"call ship:1 wait 1\"".to_owned()),
            ..ExecutionStart::new("order")
        };
        let caller = host.service().start_execution(start).await.unwrap().arn;
        println!("{}", STAGES[0]);
        let mut history = host.service().watch(&caller).await.unwrap();
        let called = loop {
            let events = history.next().await.unwrap().unwrap();
            let text = serde_json::to_string(&events).unwrap();
            if let Some((_, rest)) = text.split_once("\"DurableExecutionArn\":\"") {
                break rest.split('"').next().unwrap().parse().unwrap();
            }
        };
        println!("{}", STAGES[1]);
        until("it ends", async || host.service().wait_closed(&called).await.is_ok()).await;
        println!("{}", STAGES[2]);
        std::future::pending::<()>().await;
    });
}

/// Starts the service as a process and kills it as soon as it has come this far.
fn kill_at(stage: &str, folder: &TempDir) {
    let mut service =
        role::command("calling service").env(FOLDER, folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == stage), "it ended before: {stage}");
    service.kill().unwrap();
    service.wait().unwrap();
}

#[tokio::test]
async fn the_end_of_a_call_is_told_wherever_the_service_was_killed() {
    for stage in STAGES {
        let folder = tempfile::tempdir().unwrap();
        kill_at(stage, &folder);

        let host = host(folder.path()).await;

        let found = host.service().find_execution("order", "a").await.unwrap().unwrap();
        let closed = timeout(Duration::from_secs(10), host.service().wait_closed(&found.arn)).await;
        assert_eq!(closed.unwrap().unwrap().result.as_deref(), Some("\"waited\""), "{stage}");
        host.shutdown().await;
    }
}
