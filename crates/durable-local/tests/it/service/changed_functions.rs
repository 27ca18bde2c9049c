//! Functions that are added, replaced and removed while the service runs.

use std::path::Path;

use bytes::Bytes;
use durable_functions::{FunctionSettings, FunctionsError};
use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings, StartError};
use durable_types::ExecutionStatus;
use durable_types::api::ServiceErrorKind;

use super::client::Call;
use super::eventually::{eventually, until};
use super::repaired::settings;
use crate::role;

const SUCCESS: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;

/// A function whose processes write their id to a file, and serve invocations once another file exists.
fn process(name: &str, folder: &Path) -> FunctionDefinition {
    let mut function = FunctionSettings::new(name, "/bin/sh");
    let script = r#"echo $$ > "$0/pid"; until test -e "$0/go"; do sleep 0.02; done; exec "$@""#;
    function.arguments = vec!["-c".into(), script.into(), folder.into(), role::program().into()];
    function.arguments.extend(role::ARGUMENTS.into_iter().map(Into::into));
    function.environment.insert(role::ROLE.to_owned(), "printing function".to_owned());
    FunctionDefinition::process(function)
}

fn in_process(name: &str) -> FunctionDefinition {
    FunctionDefinition::in_process(name, async |_| Ok(Bytes::from(SUCCESS)))
}

/// A service without functions, which may have processes.
async fn service(folder: &Path) -> LocalService {
    let mut settings = settings(folder, FunctionSettings::new("none", "/bin/false"));
    settings.functions.clear();
    LocalService::start(settings).await.unwrap()
}

/// Waits until the process of the function ends.
async fn ended(folder: &Path) {
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    let folder = Path::new("/proc").join(pid.trim());
    until("the process is gone", async || !folder.exists()).await;
}

async fn begun(folder: &Path) {
    let pid = folder.join("pid");
    until("the process runs", async || std::fs::read_to_string(&pid).is_ok_and(|pid| pid.ends_with('\n')))
        .await;
}

#[tokio::test]
async fn an_added_function_runs_in_processes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    let service = service(folder.path()).await;

    service.set_function(process("order", folder.path())).unwrap();

    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    let closed = eventually("the end of the execution", async || service.wait_closed(&arn).await.ok()).await;
    assert_eq!(closed.result.as_deref(), Some("1"));
    service.shutdown().await;
}

#[tokio::test]
async fn the_idle_processes_of_a_removed_function_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    let service = service(folder.path()).await;
    service.set_function(process("order", folder.path())).unwrap();
    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    service.wait_closed(&arn).await.unwrap();

    service.remove_function("order");

    ended(folder.path()).await;
    let refused = service.start_execution(ExecutionStart::new("order")).await.unwrap_err();
    assert_eq!(refused.kind, ServiceErrorKind::ResourceNotFound);
    service.shutdown().await;
}

#[tokio::test]
async fn the_process_of_a_removed_function_ends_after_its_invocation() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    service.set_function(process("order", folder.path())).unwrap();
    let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    begun(folder.path()).await;

    service.remove_function("order");
    std::fs::write(folder.path().join("go"), "").unwrap();

    let closed = eventually("the end of the execution", async || service.wait_closed(&arn).await.ok()).await;
    assert_eq!(closed.result.as_deref(), Some("1"));
    ended(folder.path()).await;
    service.shutdown().await;
}

#[tokio::test]
async fn the_processes_of_a_function_end_when_it_is_replaced_by_one_without() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    service.set_function(process("order", folder.path())).unwrap();
    service.start_execution(ExecutionStart::new("order")).await.unwrap();
    begun(folder.path()).await;

    service.change_functions(vec![in_process("order"), in_process("ship")], &["order".to_owned()]).unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();

    ended(folder.path()).await;
    for function in ["order", "ship"] {
        let arn = service.start_execution(ExecutionStart::new(function)).await.unwrap().arn;
        assert_eq!(service.wait_closed(&arn).await.unwrap().status, ExecutionStatus::Succeeded);
    }
    service.shutdown().await;
}

#[tokio::test]
async fn an_execution_of_an_earlier_service_continues_once_its_function_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = FunctionDefinition::in_process("order", async |_| std::future::pending().await);
    let earlier = LocalService::start(Settings::new(folder.path()).with_function(hanging)).await.unwrap();
    let arn = earlier.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    earlier.shutdown().await;
    let service = LocalService::start(Settings::new(folder.path())).await.unwrap();
    assert!(service.host().is_active(&arn));

    service.set_function(in_process("order")).unwrap();

    assert_eq!(service.wait_closed(&arn).await.unwrap().status, ExecutionStatus::Succeeded);
    service.shutdown().await;
}

#[tokio::test]
async fn a_change_that_cannot_be_made_changes_nothing() {
    let service = LocalService::builder().function(in_process("order")).start().await.unwrap();
    let removed = ["order".to_owned()];

    let twice = service.change_functions(vec![in_process("a"), in_process("a")], &removed);
    let unnamed = service.change_functions(vec![in_process("a b")], &removed);
    let process =
        service.set_function(FunctionDefinition::process(FunctionSettings::new("order", "/bin/false")));

    assert!(matches!(twice, Err(StartError::Functions(FunctionsError::DuplicateName(name))) if name == "a"));
    assert!(matches!(unnamed, Err(StartError::InvalidName(_))));
    assert!(matches!(process, Err(StartError::NoAddress)));
    assert_eq!(Vec::from_iter(service.host().functions().names()), ["order"]);
    service.shutdown().await;
}

#[tokio::test]
async fn the_functions_of_the_api_are_the_current_ones() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(folder.path()).with_function(in_process("order"));
    let service = LocalService::start(settings).await.unwrap();

    service.change_functions(vec![in_process("ship")], &["order".to_owned()]).unwrap();

    let all = Call::get("/2015-03-31/functions").send(service.address().unwrap()).await.json();
    let names: Vec<_> = all["Functions"].as_array().unwrap().iter().map(|it| &it["FunctionName"]).collect();
    assert_eq!(names, ["ship"]);
    service.shutdown().await;
}
