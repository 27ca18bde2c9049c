//! Functions that failed and are replaced while their executions wait.

use std::time::Duration;

use durable_local::function::{FunctionSettings, Launcher};
use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
use durable_service::Backoff;
use durable_types::history::EventDetails;

use super::eventually::eventually;
use crate::role;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn an_execution_does_not_wait_for_a_function_that_was_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = role::ARGUMENTS.into_iter().chain([role::LAUNCHER]).map(Into::into).collect();
    let broken = FunctionDefinition::process(FunctionSettings::new("order", "/bin/false"));
    let mut settings = Settings::new(folder.path()).with_function(broken);
    settings.launcher = Some(Launcher { program: role::program(), arguments });
    settings.rules.runtime_error_retries = 0;
    settings.rules.handler_error_backoff = Backoff { initial: HOUR, max: HOUR };
    let service = LocalService::start(settings).await.unwrap();
    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    let mut watch = service.watch(&arn).await.unwrap();
    let is_failure = |details: &EventDetails| matches!(details, EventDetails::InvocationCompleted(_));
    while !watch.next().await.unwrap().unwrap().iter().any(|event| is_failure(&event.details)) {}

    let mut repaired = FunctionSettings::new("order", role::program());
    repaired.arguments = role::ARGUMENTS.into_iter().map(Into::into).collect();
    repaired.environment.insert(role::ROLE.to_owned(), "printing function".to_owned());
    service.replace_function(repaired);
    let closed = eventually("the end of the execution", async || service.wait_closed(&arn).await.ok()).await;

    assert_eq!(closed.result.as_deref(), Some("1"));
    service.shutdown().await;
}
