//! Functions that do not start.

use std::os::unix::fs::PermissionsExt;

use durable_functions::{
    ByteBudget, FunctionPool, FunctionSettings, InvocationFailure, Launcher, OutputTails, PoolSettings,
    ProcessMetrics,
};
use durable_host::clock::SystemClock;
use durable_types::ErrorObject;
use serde_json::{Value, json};

use crate::fixture::{Host, guest_that_starts_with, invocation, launcher};

#[tokio::test]
async fn a_function_that_exits_at_once_fails_after_three_starts() {
    let host = Host::start(guest_that_starts_with("exit"));

    let error = host.ask_for_error(json!({ "do": "echo" })).await;

    let message = "RequestId: r-1 Error: Runtime exited with error: exit status 4";
    assert_eq!(error, ErrorObject::new("Runtime.ExitError", message));
    let starts = host.lines().iter().filter(|line| *line == "Stdout started in vain").count();
    assert_eq!(starts, 3);
}

#[tokio::test]
async fn a_function_that_says_why_it_does_not_start_is_believed() {
    let host = Host::start(guest_that_starts_with("init error"));

    let failure = host.ask(json!({ "do": "echo" })).await.unwrap_err();

    assert_eq!(failure, InvocationFailure::Process(ErrorObject::new("Config", "no table")));
    assert_eq!(host.lines().iter().filter(|line| *line == "Stderr last words").count(), 1);
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "not a program").unwrap();
    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "\x7fELF, and then the name of a machine").unwrap();
    std::fs::set_permissions(&foreign, std::fs::Permissions::from_mode(0o755)).unwrap();
    let cases = [
        (folder.path().join("missing"), "No such file or directory"),
        (text, "Permission denied"),
        (foreign, "it is built for another architecture or operating system"),
    ];

    for (program, reason) in &cases {
        let host = Host::start(FunctionSettings::new("guest", program));

        let error = host.ask_for_error(Value::Null).await;

        assert_eq!(error.error_type.as_deref(), Some("Runtime.InvalidEntrypoint"));
        let message = error.error_message.unwrap();
        assert!(message.starts_with(&format!("cannot start `{}`: {reason}", program.display())), "{message}");
        assert!(message.ends_with(
            "; check that the function is built for this machine and that its file may be executed"
        ));
    }
}

#[tokio::test]
async fn a_launcher_that_is_missing_is_named() {
    let settings = PoolSettings {
        address: "127.0.0.1:1".parse().unwrap(),
        region: "us-east-1".to_owned(),
        launcher: Launcher { program: "/nowhere/durable".into(), ..launcher() },
        output: std::sync::Arc::new(|_| {}),
        tails: OutputTails::default(),
        clock: std::sync::Arc::new(SystemClock::default()),
        bodies: ByteBudget::default(),
        max_processes: 1,
        metrics: ProcessMetrics::default(),
    };
    let pool = FunctionPool::new(settings).unwrap();
    pool.add(FunctionSettings::new("guest", "/bin/true"));

    let error = pool.invoke("guest", invocation(&Value::Null)).await.unwrap_err().into_error();

    let expected =
        "cannot start `/nowhere/durable` for function `guest`: No such file or directory (os error 2)";
    assert_eq!(error, ErrorObject::new("Runtime.InvalidEntrypoint", expected));
}
