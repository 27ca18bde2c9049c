//! Deleting executions over HTTP, and executions that expire.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use durable_service::{
    Command, Effect, Environment, Execution, InvocationEnd, InvocationHeaders, Outcome, Seed, Settings,
    StartExecution,
};
use durable_store_sqlite::{Append, ExecutionRow, Store, WakeUp};
use durable_types::{DurableConfig, ExecutionStatus, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{Call, encoded};
use super::eventually::until;
use super::guest::Host;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST";

fn named(name: &str, payload: &str) -> Call<'static> {
    Call::invoke(payload.as_bytes()).header("x-amz-durable-execution-name", name)
}

async fn names(host: &Host) -> Vec<String> {
    let list = host.call(Call::get("/2025-12-01/functions/order/durable-executions")).await.json();
    let executions = list["DurableExecutions"].as_array().unwrap();
    executions.iter().map(|it| it["DurableExecutionName"].as_str().unwrap().to_owned()).collect()
}

async fn is_gone(host: &Host, arn: &str) -> bool {
    let call = |path| async move { host.call(Call::on("GET", arn, path)).await.status };
    (call("").await, call("/history").await) == (404, 404)
}

async fn wait_until_gone(host: &Host, arn: &str) {
    until("the execution is gone", async || is_gone(host, arn).await).await;
}

/// Records an execution that succeeded so many days ago.
async fn record_old(folder: &Path, name: &str, days: u64) -> String {
    let settings = Settings::default();
    let age = Duration::from_secs(days * 86_400);
    let then = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().checked_sub(age).unwrap();
    let then = Timestamp::from_millis(i64::try_from(then.as_millis()).unwrap());
    let request = StartExecution {
        execution_arn: format!("{FUNCTION}/durable-execution/{name}/id-{name}").parse().unwrap(),
        input: Some("1".to_owned()),
        durable_config: DurableConfig::default(),
        synchronous: true,
        headers: InvocationHeaders::default(),
        seed: Seed::default(),
    };
    let (mut execution, Outcome { mut events, effects, .. }) =
        Execution::start(request, &settings, then).unwrap();
    let Some(Effect::Invoke(invocation)) = effects.first() else { panic!("the function is invoked") };
    let end = InvocationEnd::Answered(json!({ "Status": "SUCCEEDED", "Result": "1" }).to_string().into());
    let command = Command::InvocationEnded { request_id: invocation.request_id.clone(), end };
    events.extend(
        execution.handle(command, Environment::new(&settings, &BTreeMap::new(), then)).unwrap().events,
    );

    let arn = execution.arn();
    let created = ExecutionRow {
        execution_id: arn.execution_id().to_owned(),
        arn: arn.to_string(),
        function_name: "order".to_owned(),
        function_version: "$LATEST".to_owned(),
        execution_name: name.to_owned(),
        input_digest: Sha256::digest("1").iter().map(|byte| format!("{byte:02x}")).collect(),
        started_at: then,
        status: execution.status().clone(),
        ended_at: execution.end_timestamp(),
        expires_at: execution.expires_at(&settings),
        is_imported: false,
        wake_up: WakeUp::AtStart,
    };
    let append = Append {
        execution_id: created.execution_id.clone(),
        first_sequence: 1,
        events: events.iter().map(|event| serde_json::to_string(event).unwrap()).collect(),
        created: Some(created),
        ..Append::default()
    };
    Store::open(folder).unwrap().append(append).await.unwrap();
    arn.to_string()
}

#[tokio::test]
async fn a_deleted_execution_is_gone_and_its_name_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(named("a", "1")).await.arn();

    let answer = host.call(Call::on("DELETE", &arn, "")).await;

    assert_eq!(answer.status, 202);
    assert!(answer.json()["DeletionRequestTimestamp"].is_number());
    wait_until_gone(&host, &arn).await;
    let next = host.call(named("a", "2")).await;
    assert_eq!((next.status, next.arn() == arn), (200, false));
}

#[tokio::test]
async fn an_execution_that_has_not_ended_cannot_be_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let event = named("a", "\"wait 600\"").header("x-amz-invocation-type", "Event");
    let arn = host.call(event).await.arn();

    let (status, error_type, ..) = host.call(Call::on("DELETE", &arn, "")).await.error();
    host.call(Call::on("POST", &arn, "/pause")).await;
    let (paused_status, paused_type, ..) = host.call(Call::on("DELETE", &arn, "")).await.error();

    assert_eq!((status, error_type.as_str()), (409, "ResourceConflictException"));
    assert_eq!((paused_status, paused_type), (status, error_type));
    assert!(!is_gone(&host, &arn).await);
}

#[tokio::test]
async fn what_is_deleted_again_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(named("a", "1")).await.arn();
    host.call(Call::on("DELETE", &arn, "")).await;
    wait_until_gone(&host, &arn).await;

    let (status, error_type, ..) = host.call(Call::on("DELETE", &arn, "")).await.error();

    assert_eq!((status, error_type.as_str()), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn a_deletion_waits_for_the_invocation_under_way_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let event = named("a", "\"hang\"").header("x-amz-invocation-type", "Event");
    let arn = host.call(event).await.arn();
    host.guest.token().await;
    host.call(Call::on("POST", &arn, "/stop")).await;

    let first = host.call(Call::on("DELETE", &arn, "")).await;
    let second = host.call(Call::on("DELETE", &arn, "")).await;
    assert_eq!((first.status, first.json()), (second.status, second.json()), "it is one deletion");
    let described = host.call(Call::on("GET", &arn, "")).await.json();
    assert_eq!(described["Status"], json!("DELETING"));
    let (status, error_type, ..) = host.call(named("a", "\"hang\"")).await.error();
    assert_eq!((status, error_type.as_str()), (409, "ResourceConflictException"));
    let listed: Value =
        host.call(Call::get("/2025-12-01/functions/order/durable-executions?Statuses=DELETING")).await.json();
    assert_eq!(listed["DurableExecutions"][0]["DurableExecutionArn"], json!(arn));
    host.shutdown().await;

    let host = Host::start(folder.path()).await;
    wait_until_gone(&host, &arn).await;
    assert_eq!(names(&host).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_imported_execution_can_be_deleted_though_it_never_ends() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(named("a", "\"wait 600\"").header("x-amz-invocation-type", "Event")).await.arn();
    let path = format!("/durable/executions/{}/record", encoded(&arn));
    let record = host.call(Call::get(path)).await.json();
    let other = tempfile::tempdir().unwrap();
    let other = Host::start(other.path()).await;
    let import = json!({ "record": record }).to_string();
    assert_eq!(other.call(Call::post("/durable/executions").body(import)).await.status, 201);

    let deleted = other.call(Call::on("DELETE", &arn, "")).await;

    assert_eq!(deleted.status, 202);
    assert!(is_gone(&other, &arn).await);
}

#[tokio::test]
async fn executions_expire_with_their_retention() {
    let folder = tempfile::tempdir().unwrap();
    let old = record_old(folder.path(), "old", 15).await;
    let kept = record_old(folder.path(), "kept", 13).await;

    let host = Host::start(folder.path()).await;
    wait_until_gone(&host, &old).await;

    assert_eq!(host.call(named("kept", "1")).await.arn(), kept, "its name is still taken");
    assert_eq!(names(&host).await, ["kept"]);
    let again = host.call(named("old", "2")).await;
    assert_eq!((again.status, again.arn() == old), (200, false));
}

#[tokio::test]
async fn a_running_execution_expires_never_and_an_ended_one_has_its_time_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_guest(folder.path(), |guest, settings| {
        let config = DurableConfig::default().with_retention_period_in_days(2);
        settings.with_function(guest.definition("order").with_durable_config(config))
    })
    .await;
    host.call(named("ended", "1")).await;
    host.call(named("waits", "\"wait 600\"").header("x-amz-invocation-type", "Event")).await;
    host.shutdown().await;

    let store = Store::open(folder.path()).unwrap();
    let row = async |name| store.execution_by_name("order", name).await.unwrap().unwrap();
    let (ended, waits) = (row("ended").await, row("waits").await);

    let kept = ended.expires_at.unwrap().saturating_since(ended.ended_at.unwrap());
    assert_eq!(kept, Duration::from_secs(2 * 86_400));
    assert_eq!((waits.status, waits.expires_at), (ExecutionStatus::Running, None));
    assert_eq!(store.expired(Timestamp::from_micros(i64::MAX), 9).await.unwrap().len(), 1);
}

/// Returns `count` texts of 1 kB. Repeated ones are too far apart for LZ4 to find.
fn incompressible(count: usize) -> Vec<String> {
    let noise = |text: usize| -> String {
        (0..24).map(|part| BASE64.encode(Sha256::digest(format!("{text} {part}")))).collect()
    };
    let texts: Vec<String> = (0..100).map(noise).collect();
    texts.into_iter().cycle().take(count).collect()
}

#[tokio::test]
async fn one_that_cannot_be_deleted_does_not_keep_the_others() {
    let folder = tempfile::tempdir().unwrap();
    record_old(folder.path(), "damaged", 22).await;
    let store = Store::open(folder.path()).unwrap();
    let recorded = store.events("id-damaged", 0).await.unwrap().len();
    let large = Append {
        execution_id: "id-damaged".to_owned(),
        first_sequence: u64::try_from(recorded).unwrap() + 1,
        // More than is checked on every opening.
        events: incompressible(35_000),
        ..Append::default()
    };
    store.append(large).await.unwrap();
    drop(store);
    let arn = record_old(folder.path(), "whole", 20).await;
    // Like damage by the disk, damage before the store closes the file leaves no trace in its times.
    let store = Store::open(folder.path()).unwrap();
    let file = folder.path().join("durable.sqlite3");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    drop(store);

    let host = Host::start(folder.path()).await;

    wait_until_gone(&host, &arn).await;
    assert_eq!(names(&host).await, ["damaged"]);
}

#[tokio::test]
async fn damaged_rows_do_not_keep_the_others_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..120 {
        record_old(folder.path(), &format!("damaged-{number}"), 22).await;
    }
    let arn = record_old(folder.path(), "whole", 20).await;
    let database = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    let damage =
        "UPDATE executions SET input_digest = CAST(x'ff' AS TEXT) WHERE execution_name LIKE 'damaged-%'";
    assert_eq!(database.execute(damage, []).unwrap(), 120);
    drop(database);

    let host = Host::start(folder.path()).await;

    wait_until_gone(&host, &arn).await;
}
