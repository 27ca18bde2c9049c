//! Executions that are paused or being deleted, when the service is killed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use super::client::{Call, encoded};
use super::eventually::until;
use super::guest::Host;
use crate::role;

const FOLDER: &str = "DURABLE_TEST_FOLDER";

/// What the service prints once it has acknowledged everything.
const DONE: &str = "acknowledged";

fn named(name: &str, task: &str) -> Call<'static> {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    call.header("x-amz-durable-execution-name", name)
}

async fn described(host: &Host, arn: &str) -> Value {
    host.call(Call::on("GET", arn, "")).await.json()
}

async fn history(host: &Host, arn: &str) -> Vec<Value> {
    let history = host.call(Call::on("GET", arn, "/history")).await.json();
    history["Events"].as_array().unwrap().clone()
}

async fn until_status(host: &Host, arn: &str, status: &str) {
    until(status, async || described(host, arn).await["Status"] == json!(status)).await;
}

/// The part of the service: pauses one execution, deletes two, and says so.
pub(crate) fn host_until_killed() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(&folder).await;
        let paused = host.call(named("paused", "callback - -")).await.arn();
        until("its callback exists", async || history(&host, &paused).await.len() > 1).await;
        assert_eq!(host.call(Call::on("POST", &paused, "/pause")).await.status, 202);
        until_status(&host, &paused, "PAUSED").await;
        let ended = host.call(named("ended", "fail at once")).await.arn();
        until_status(&host, &ended, "FAILED").await;
        assert_eq!(host.call(Call::on("DELETE", &ended, "")).await.status, 202);
        // Its invocation is never over, so that it is still being deleted when the end comes.
        let hanging = host.call(named("hanging", "hang")).await.arn();
        assert_eq!(host.call(Call::on("POST", &hanging, "/stop")).await.status, 200);
        assert_eq!(host.call(Call::on("DELETE", &hanging, "")).await.status, 202);
        println!("{DONE}");
        std::future::pending::<()>().await;
    });
}

#[tokio::test]
async fn pauses_and_deletions_that_were_acknowledged_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut service =
        role::command("holding service").env(FOLDER, folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == DONE));
    service.kill().unwrap();
    service.wait().unwrap();

    let host = Host::start(folder.path()).await;
    let list = async || {
        let list = host.call(Call::get("/2025-12-01/functions/order/durable-executions")).await.json();
        list["DurableExecutions"].as_array().unwrap().clone()
    };
    until("what was deleted is gone", async || list().await.len() == 1).await;

    let paused = list().await[0]["DurableExecutionArn"].as_str().unwrap().to_owned();
    assert_eq!(described(&host, &paused).await["Status"], json!("PAUSED"));
    let callback_id = &history(&host, &paused).await[1];
    let callback_id = callback_id["CallbackStartedDetails"]["CallbackId"].as_str().unwrap();
    let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", encoded(callback_id));
    assert_eq!(host.call(Call::post(path).body("\"yes\"")).await.status, 200);
    assert_eq!(host.guest.invocations(), 0, "what is paused is not invoked");
    host.call(Call::on("POST", &paused, "/resume")).await;
    until_status(&host, &paused, "SUCCEEDED").await;
    assert_eq!(host.call(named("ended", "1")).await.status, 202, "the names are free");
    assert_eq!(host.call(named("hanging", "1")).await.status, 202);
}
