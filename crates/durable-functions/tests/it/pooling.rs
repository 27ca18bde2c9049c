//! The reuse of processes across invocations, and the selection of processes to stop.

use std::time::Duration;

use serde_json::json;

use crate::fixture::{Host, assert_ends, guest, invocation, is_running};

async fn process_of(host: &Host, tenant: &str) -> i64 {
    let mut invocation = invocation(&json!({ "do": "echo" }));
    invocation.tenant_id = Some(tenant.to_owned());
    let answer = host.pool.invoke("guest", invocation).await.unwrap();
    serde_json::from_slice::<serde_json::Value>(&answer).unwrap()["pid"].as_i64().unwrap()
}

#[tokio::test]
async fn a_process_that_is_idle_for_too_long_is_stopped_and_the_next_invocation_gets_another() {
    let mut settings = guest();
    settings.idle_limit = Duration::from_millis(200);
    let host = Host::start(settings);
    let first = host.process_id().await;

    assert_ends(first);

    assert_ne!(host.process_id().await, first);
}

#[tokio::test]
async fn a_process_that_works_is_not_idle() {
    let mut settings = guest();
    settings.idle_limit = Duration::from_millis(100);
    let host = Host::start(settings);

    let working = host.ask(json!({ "do": "hang" }));
    tokio::select! {
        _ = working => panic!("it works until it is stopped"),
        () = async {
            let process = host.number_printed("Stdout hanging process ").await;
            tokio::time::sleep(3 * Duration::from_millis(100)).await;
            assert!(is_running(process));
        } => {}
    }
}

#[tokio::test]
async fn tenants_that_are_kept_apart_never_share_a_process() {
    let mut settings = guest();
    settings.isolates_tenants = true;
    let host = Host::start(settings);

    let blue = process_of(&host, "blue").await;
    let green = process_of(&host, "green").await;

    assert_ne!(blue, green);
    assert_eq!(process_of(&host, "blue").await, blue);
    assert_eq!(process_of(&host, "green").await, green);
}

#[tokio::test]
async fn the_process_of_another_tenant_makes_room_where_no_more_may_run() {
    let mut settings = guest();
    settings.isolates_tenants = true;
    settings.concurrency = 1;
    let host = Host::start(settings);
    let blue = process_of(&host, "blue").await;

    process_of(&host, "green").await;

    assert_ends(blue);
}

#[tokio::test]
async fn an_idle_process_of_another_function_makes_room_where_no_more_may_run() {
    let host = Host::start_with_processes(guest(), 1);
    let mut other = guest();
    other.name = "other".to_owned();
    host.pool.add(other);
    let first = host.process_id().await;

    let answer = host.pool.invoke("other", invocation(&json!({ "do": "echo" }))).await.unwrap();

    assert_ends(first);
    let second = serde_json::from_slice::<serde_json::Value>(&answer).unwrap()["pid"].as_i64().unwrap();
    assert!(is_running(second));
}

#[tokio::test]
async fn invocations_wait_for_a_process_where_no_more_may_run() {
    let mut settings = guest();
    settings.concurrency = 8;
    let host = Host::start_with_processes(settings, 1);

    let ids = tokio::join!(host.process_id(), host.process_id(), host.process_id());

    assert_eq!((ids.1, ids.2), (ids.0, ids.0));
}

#[tokio::test]
async fn a_function_starts_in_its_folder_and_knows_its_handler() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = guest();
    settings.folder = Some(folder.path().to_owned());
    settings.handler = Some("app.handler".to_owned());
    let host = Host::start(settings);

    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();

    let environment = &answer["environment"];
    assert_eq!(environment["LAMBDA_TASK_ROOT"], folder.path().to_str().unwrap());
    assert_eq!(environment["_HANDLER"], "app.handler");
    assert_eq!(answer["folder"], folder.path().canonicalize().unwrap().to_str().unwrap());
}

#[tokio::test]
async fn a_function_that_is_replaced_runs_as_its_new_settings_say() {
    let host = Host::start(guest());
    let before = host.process_id().await;
    let mut changed = guest();
    changed.environment.insert("BUILD".to_owned(), "2".to_owned());

    host.pool.add(changed);
    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();

    assert_eq!(answer["environment"]["BUILD"], "2");
    assert_ends(before);
}
