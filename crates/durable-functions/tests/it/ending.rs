//! Processes that exit or are killed during an invocation.

use std::time::Duration;

use durable_functions::InvocationFailure;
use durable_types::ErrorObject;
use serde_json::json;

use crate::fixture::{Host, assert_ends, guest, is_running};

#[tokio::test]
async fn a_process_that_exits_fails_its_invocation_and_is_replaced() {
    let host = Host::start(guest());
    let before = host.process_id().await;

    let exit = host.ask(json!({ "do": "exit" })).await.unwrap_err();
    let abort = host.ask_for_error(json!({ "do": "abort" })).await;
    let after = host.process_id().await;

    let message = "RequestId: r-1 Error: Runtime exited with error: exit status 3";
    assert_eq!(exit, InvocationFailure::Process(ErrorObject::new("Runtime.ExitError", message)));
    let message = "RequestId: r-1 Error: Runtime exited with error: signal: aborted";
    assert_eq!(abort, ErrorObject::new("Runtime.ExitError", message));
    assert_ne!(after, before);
}

#[tokio::test]
async fn a_process_that_ends_between_invocations_fails_none() {
    let mut settings = guest();
    settings.concurrency = 1;
    let host = Host::start(settings);

    for _ in 0..10 {
        let answer = host.ask(json!({ "do": "answer and exit" })).await.unwrap();
        let next = host.process_id().await;

        assert_ne!(answer["pid"], next);
    }
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed() {
    let mut settings = guest();
    settings.timeout = Duration::from_millis(250);
    let host = Host::start(settings);
    let process = host.process_id().await;

    let error = host.ask_for_error(json!({ "do": "hang" })).await;

    assert!(!is_running(process));
    assert_eq!(error.error_type.as_deref(), Some("Sandbox.Timedout"));
    let message = error.error_message.unwrap();
    assert!(message.ends_with(" r-1 Task timed out after 0.25 seconds"), "{message}");
    assert_ne!(host.process_id().await, process);
}

#[tokio::test]
async fn what_a_killed_process_had_started_ends_with_it() {
    let mut settings = guest();
    settings.timeout = Duration::from_millis(500);
    let host = Host::start(settings);

    host.ask_for_error(json!({ "do": "start a child and hang" })).await;

    let child = host.number_printed("Stdout child process ").await;
    tokio::task::spawn_blocking(move || assert_ends(child)).await.unwrap();
}

#[tokio::test]
async fn a_process_whose_invocation_was_given_up_is_killed() {
    let host = Host::start(guest());
    let process = host.process_id().await;

    let gave_up = tokio::time::timeout(Duration::from_millis(50), host.ask(json!({ "do": "hang" }))).await;

    assert!(gave_up.is_err());
    tokio::task::spawn_blocking(move || assert_ends(process)).await.unwrap();
    assert_ne!(host.process_id().await, process);
}

#[tokio::test]
async fn a_shutdown_ends_every_process_and_blames_no_function() {
    let host = Host::start(guest());
    let (idle, _) = tokio::join!(host.process_id(), host.process_id());
    let invocation = host.ask(json!({ "do": "start a child and hang" }));
    let stop = async {
        let child = host.number_printed("Stdout child process ").await;
        host.pool.shutdown().await;
        child
    };

    let (failure, child) = tokio::join!(invocation, stop);

    assert_eq!(failure, Err(InvocationFailure::Stopping));
    assert!(!is_running(idle));
    tokio::task::spawn_blocking(move || assert_ends(child)).await.unwrap();
    assert_eq!(host.ask(json!({ "do": "echo" })).await, Err(InvocationFailure::Stopping));
}

#[tokio::test]
async fn a_pool_that_is_dropped_ends_its_processes() {
    let host = Host::start(guest());
    let process = host.process_id().await;

    drop(host);

    tokio::task::spawn_blocking(move || assert_ends(process)).await.unwrap();
}
