//! Executions that have ended, read without their operations.

use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::store::MemoryStore;
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::{Command, Execution};
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus};
use tokio::time::sleep;

use crate::clock::{VirtualClock, run};
use crate::functions::Functions;

pub(crate) fn host() -> Host {
    let edges = |functions: Arc<Functions>| {
        let mut edges =
            HostSettings::new(Arc::new(MemoryStore::default()), Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::new(VirtualClock::new());
        edges
    };
    Functions::host(edges, &Arc::default())
}

async fn start(host: &Host) -> DurableExecutionArn {
    let start = ExecutionStart { input: Some("\"book\"".to_owned()), ..ExecutionStart::new("order") };
    host.start(start).await.unwrap().arn
}

pub(crate) async fn leave_memory(host: &Host, arn: &DurableExecutionArn) {
    host.wait_closed(arn).await.unwrap();
    while host.is_active(arn) {
        sleep(Duration::from_millis(5)).await;
    }
}

/// Formats everything except the operations.
fn description(execution: &Execution) -> String {
    let ended = (execution.status(), execution.end_timestamp(), execution.result(), execution.error());
    let started =
        (execution.arn(), execution.start_timestamp(), execution.input(), execution.durable_config());
    format!("{started:?} {ended:?} {:?} {:?}", execution.headers(), execution.pause_details())
}

/// Asserts that the description of an execution matches its full record, and that it was created without reading all of
/// it.
async fn assert_described(host: &Host, arn: &DurableExecutionArn) {
    let whole = host.read(arn, |execution| (description(execution), execution.operations().count()));
    let described = host.describe(arn, |execution| (description(execution), execution.operations().count()));
    let (whole, described) = (whole.await.unwrap().unwrap(), described.await.unwrap().unwrap());

    assert_eq!(described.0, whole.0);
    assert!(whole.1 > 1 && described.1 == 1, "{} of {} operations were read", described.1, whole.1);
}

#[test]
fn the_description_of_an_execution_that_succeeded_needs_only_the_ends_of_its_record() {
    run(async {
        let host = host();
        let arn = start(&host).await;

        leave_memory(&host, &arn).await;

        assert_described(&host, &arn).await;
        let closed = host.wait_closed(&arn).await.unwrap();
        assert_eq!(closed.status, ExecutionStatus::Succeeded);
    });
}

#[test]
fn the_description_of_an_execution_that_was_stopped_while_it_waited_has_its_error() {
    run(async {
        let host = host();
        let arn = start(&host).await;
        sleep(Duration::from_secs(10)).await;

        let error = Some(ErrorObject::new("Cancelled", "by the customer"));
        host.command(&arn, Command::Stop { error: error.clone() }).await.unwrap();
        leave_memory(&host, &arn).await;

        assert_described(&host, &arn).await;
        assert_eq!(host.wait_closed(&arn).await.unwrap().error, error);
    });
}

#[test]
fn an_execution_that_has_not_ended_is_described_from_its_whole_record() {
    run(async {
        let host = host();
        let arn = start(&host).await;
        sleep(Duration::from_secs(10)).await;

        let status = host.describe(&arn, |execution| execution.status().clone()).await.unwrap();

        assert_eq!(status, Some(ExecutionStatus::Running));
    });
}
