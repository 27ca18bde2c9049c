//! Invocations that wait because their function is busy.

use durable_functions::FunctionSettings;
use durable_local::{ExecutionStart, LocalService};
use durable_types::DurableExecutionArn;
use durable_types::history::EventDetails;
use serde_json::json;

use super::client::Call;
use super::repaired::settings;

/// The processes that are started for an invocation until one fetches it.
const PROCESSES_PER_INVOCATION: usize = 3;

/// A service with a function that takes one invocation at a time, counts its processes in a file and fails once another
/// file exists.
struct Busy {
    folder: tempfile::TempDir,
    service: LocalService,
}

impl Busy {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut function = FunctionSettings::new("order", "/bin/sh");
        let script = r#"echo >> "$0/begun"; until test -e "$0/go"; do sleep 0.02; done; exit 1"#;
        function.arguments = vec!["-c".into(), script.into(), folder.path().into()];
        function.concurrency = 1;
        let service = LocalService::start(settings(folder.path(), function)).await.unwrap();
        Self { folder, service }
    }

    async fn execution(&self) -> DurableExecutionArn {
        self.service.start_execution(ExecutionStart::new("order")).await.unwrap().arn
    }

    async fn call(&self, arn: &DurableExecutionArn, path: &str) -> u16 {
        let call = Call::on("POST", arn.as_str(), path).body(json!({}).to_string());
        call.send(self.service.address().unwrap()).await.status
    }

    async fn status(&self, arn: &DurableExecutionArn) -> String {
        let described = Call::on("GET", arn.as_str(), "").send(self.service.address().unwrap()).await.json();
        described["Status"].as_str().unwrap().to_owned()
    }

    /// Waits until an invocation of the execution has failed.
    async fn failed(&self, arn: &DurableExecutionArn) {
        let mut watch = self.service.watch(arn).await.unwrap();
        let is_end = |details: &EventDetails| matches!(details, EventDetails::InvocationCompleted(_));
        while !watch.next().await.unwrap().unwrap().iter().any(|event| is_end(&event.details)) {}
    }

    fn processes(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("begun")).unwrap_or_default().lines().count()
    }
}

#[tokio::test]
async fn executions_that_are_stopped_or_paused_while_their_function_is_busy_are_not_invoked() {
    let busy = Busy::start().await;
    let [first, stopped, paused, last] =
        [busy.execution().await, busy.execution().await, busy.execution().await, busy.execution().await];

    assert_eq!(busy.call(&stopped, "/stop").await, 200);
    assert_eq!(busy.call(&paused, "/pause").await, 202);
    assert_eq!(busy.status(&paused).await, "PAUSED");
    std::fs::write(busy.folder.path().join("go"), "").unwrap();
    busy.failed(&first).await;
    busy.failed(&last).await;

    assert_eq!(busy.processes(), 2 * PROCESSES_PER_INVOCATION);
    assert_eq!(
        (busy.status(&stopped).await.as_str(), busy.status(&paused).await.as_str()),
        ("STOPPED", "PAUSED")
    );
    busy.service.shutdown().await;
}
