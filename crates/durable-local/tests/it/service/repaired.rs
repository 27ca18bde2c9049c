//! Functions that failed and are replaced while their executions wait.

use std::path::Path;
use std::time::Duration;

use durable_functions::{FunctionSettings, Launcher};
use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
use durable_service::Backoff;
use durable_types::history::EventDetails;

use super::eventually::{eventually, until};
use crate::role;

const HOUR: Duration = Duration::from_hours(1);

/// A service whose failed invocations wait for long.
pub(super) fn settings(folder: &Path, function: FunctionSettings) -> Settings {
    let arguments = role::ARGUMENTS.into_iter().chain([role::LAUNCHER]).map(Into::into).collect();
    let mut settings = Settings::new(folder).with_function(FunctionDefinition::process(function));
    settings.launcher = Some(Launcher { program: role::program(), arguments });
    settings.rules.runtime_error_retries = 0;
    settings.rules.handler_error_backoff = Backoff { initial: HOUR, max: HOUR };
    settings
}

/// The function as it should be.
fn repaired() -> FunctionDefinition {
    let mut repaired = FunctionSettings::new("order", role::program());
    repaired.arguments = role::ARGUMENTS.into_iter().map(Into::into).collect();
    repaired.environment.insert(role::ROLE.to_owned(), "printing function".to_owned());
    FunctionDefinition::process(repaired)
}

#[tokio::test]
async fn an_execution_does_not_wait_for_a_function_that_was_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let broken = FunctionSettings::new("order", "/bin/false");
    let service = LocalService::start(settings(folder.path(), broken)).await.unwrap();
    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    let mut watch = service.watch(&arn).await.unwrap();
    let is_failure = |details: &EventDetails| matches!(details, EventDetails::InvocationCompleted(_));
    while !watch.next().await.unwrap().unwrap().iter().any(|event| is_failure(&event.details)) {}

    service.set_function(repaired()).unwrap();
    let closed = eventually("the end of the execution", async || service.wait_closed(&arn).await.ok()).await;

    assert_eq!(closed.result.as_deref(), Some("1"));
    service.shutdown().await;
}

#[tokio::test]
async fn an_invocation_that_fails_after_its_function_was_repaired_is_tried_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let is_repaired = folder.path().join("repaired");
    let mut broken = FunctionSettings::new("order", "/bin/sh");
    let script = "touch \"$0.begun\"; until test -e \"$0\"; do sleep 0.02; done; exit 1";
    broken.arguments = vec!["-c".into(), script.into(), is_repaired.clone().into()];
    let service = LocalService::start(settings(folder.path(), broken)).await.unwrap();
    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    until("the function runs", async || is_repaired.with_extension("begun").exists()).await;

    service.set_function(repaired()).unwrap();
    std::fs::write(&is_repaired, "").unwrap();
    let closed = eventually("the end of the execution", async || service.wait_closed(&arn).await.ok()).await;

    assert_eq!(closed.result.as_deref(), Some("1"));
    service.shutdown().await;
}
