//! What happens when the record cannot be written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::client::{Call, encoded};
use super::eventually::eventually;
use super::guest::Host;

/// Makes every write of events fail, as a broken disk would.
struct BrokenDisk(Connection);

impl BrokenDisk {
    fn at(folder: &Path) -> Self {
        let connection = Connection::open(folder.join("durable.sqlite3")).unwrap();
        let trigger = "CREATE TRIGGER broken BEFORE INSERT ON event_blocks
            BEGIN SELECT RAISE(ABORT, 'broken disk'); END";
        connection.execute_batch(trigger).unwrap();
        Self(connection)
    }

    fn repair(self) {
        self.0.execute_batch("DROP TRIGGER broken").unwrap();
    }
}

/// A service whose function is running, until a file exists.
struct Waiting {
    host: Host,
    go_on: PathBuf,
    task: String,
    arn: String,
}

impl Waiting {
    async fn start(folder: &Path) -> Self {
        let host = Host::start(folder).await;
        let go_on = folder.join("go-on");
        let task = format!("\"wait-for {}\"", go_on.display());
        let arn = host.call(named(&task).header("x-amz-invocation-type", "Event")).await.arn();
        Self { host, go_on, task, arn }
    }
}

fn named(payload: &str) -> Call<'static> {
    Call::invoke(payload.as_bytes()).header("x-amz-durable-execution-name", "a")
}

/// Waits until an execution has ended, by looking alone, and gives what is known of it then.
async fn ended(host: &Host, arn: &str) -> Value {
    eventually("the execution ends", async || {
        let described = host.call(Call::on("GET", arn, "")).await.json();
        (described["Status"] != json!("RUNNING")).then_some(described)
    })
    .await
}

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let Waiting { host, arn, .. } = Waiting::start(folder.path()).await;
    let token = host.guest.token().await;

    let disk = BrokenDisk::at(folder.path());
    let body = json!({"CheckpointToken": token, "Updates": [
        {"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}
    ]});
    let refused = host.call(Call::on("POST", &arn, "/checkpoint").body(body.to_string())).await;
    let start = host.call(Call::invoke("1")).await;
    let read = host.call(Call::on("GET", &arn, "")).await;

    for (status, error_type, fault, message) in [refused.error(), start.error()] {
        assert_eq!((status, error_type.as_str(), fault.as_str()), (500, "ServiceException", "Service"));
        assert!(message.contains("broken disk"), "{message}");
    }
    assert_eq!(read.json()["Status"], json!("RUNNING"), "what is on disk can still be read");
    disk.repair();
}

#[tokio::test]
async fn a_function_is_not_invoked_for_what_could_not_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(named("\"callback - -\"").header("x-amz-invocation-type", "Event")).await.arn();
    let callback_id = eventually("it waits for its callback", async || {
        let history = host.call(Call::on("GET", &arn, "/history")).await.json();
        let events = history["Events"].as_array().unwrap();
        events.iter().find(|event| event["EventType"] == json!("InvocationCompleted"))?;
        Some(events[1]["CallbackStartedDetails"]["CallbackId"].as_str().unwrap().to_owned())
    })
    .await;
    let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", encoded(&callback_id));
    let disk = BrokenDisk::at(folder.path());

    let refused = host.call(Call::post(path.as_str()).body("\"lost\"")).await;
    disk.repair();
    let answered = host.call(Call::post(path.as_str()).body("\"yes\"")).await;

    assert_eq!((refused.status, answered.status), (500, 200));
    assert_eq!(ended(&host, &arn).await["Result"], json!("\"yes\""));
    assert_eq!(host.guest.invocations(), 2);
}

#[tokio::test]
async fn an_execution_goes_on_from_the_record_once_the_disk_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let Waiting { host, go_on, task, arn } = Waiting::start(folder.path()).await;
    let token = host.guest.token().await;
    let disk = BrokenDisk::at(folder.path());
    let body = json!({"CheckpointToken": token});
    host.call(Call::on("POST", &arn, "/checkpoint").body(body.to_string())).await;
    disk.repair();
    std::fs::write(&go_on, "").unwrap();

    let answer = host.call(named(&task)).await;

    assert_eq!((answer.arn(), answer.json()), (arn.clone(), json!("done")));
    let history = host.call(Call::on("GET", &arn, "/history")).await.json();
    let types: Vec<_> = history["Events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["EventType"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["ExecutionStarted", "InvocationCompleted", "ExecutionSucceeded"]);
    let late = host.call(Call::on("POST", &arn, "/checkpoint").body(body.to_string())).await.error();
    assert_eq!(late.3, "Invalid checkpoint token");
}

#[tokio::test]
async fn an_execution_goes_on_by_itself_once_the_disk_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let Waiting { host, go_on, arn, .. } = Waiting::start(folder.path()).await;
    let token = host.guest.token().await;
    let disk = BrokenDisk::at(folder.path());
    let body = json!({"CheckpointToken": token});
    let refused = host.call(Call::on("POST", &arn, "/checkpoint").body(body.to_string())).await;
    std::fs::write(&go_on, "").unwrap();

    disk.repair();

    assert_eq!(refused.status, 500);
    let described = ended(&host, &arn).await;
    assert_eq!((&described["Status"], &described["Result"]), (&json!("SUCCEEDED"), &json!("\"done\"")));
}

#[tokio::test]
async fn a_caller_is_told_the_end_of_an_execution_that_failed_to_be_recorded_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_guest(folder.path(), |guest, settings| {
        settings.with_function(guest.definition("order")).with_function(guest.definition("ship"))
    })
    .await;
    let go_on = folder.path().join("go-on");
    let task = format!("\"call ship:7 wait-for {}\"", go_on.display());
    let arn = host.call(named(&task).header("x-amz-invocation-type", "Event")).await.arn();
    let called = called(&host, &arn).await;
    let disk = BrokenDisk::at(folder.path());
    let refused = host.call(Call::on("POST", &called, "/stop")).await;
    std::fs::write(&go_on, "").unwrap();

    disk.repair();

    assert_eq!(refused.status, 500);
    assert_eq!(ended(&host, &arn).await["Status"], json!("SUCCEEDED"));
    assert_eq!(ended(&host, &called).await["Status"], json!("SUCCEEDED"));
}

#[tokio::test]
async fn an_invocation_outlives_the_failure_to_record_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let Waiting { host, go_on, arn, .. } = Waiting::start(folder.path()).await;
    let token = host.guest.token().await;
    let disk = BrokenDisk::at(folder.path());
    let refused = host.call(Call::on("POST", &arn, "/stop")).await;
    disk.repair();
    let body = json!({"CheckpointToken": token, "Updates": [
        {"Id": "s", "Type": "STEP", "SubType": "Step", "Action": "START"}
    ]});
    let checkpointed = host.call(Call::on("POST", &arn, "/checkpoint").body(body.to_string())).await;

    std::fs::write(&go_on, "").unwrap();

    assert_eq!(refused.status, 500);
    assert_eq!(checkpointed.status, 200, "{}", checkpointed.json());
    assert_eq!(ended(&host, &arn).await["Result"], json!("\"done\""));
    assert_eq!(host.guest.invocations(), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_recorded_at_once_is_recorded_later() {
    let folder = tempfile::tempdir().unwrap();
    let Waiting { host, go_on, arn, .. } = Waiting::start(folder.path()).await;
    host.guest.token().await;

    let disk = BrokenDisk::at(folder.path());
    std::fs::write(&go_on, "").unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    disk.repair();

    assert_eq!(ended(&host, &arn).await["Result"], json!("\"done\""));
    assert_eq!(host.guest.invocations(), 1);
}

/// The execution that another has called, once it runs and its caller waits.
async fn called(host: &Host, arn: &str) -> String {
    eventually("another execution is called and waited for", async || {
        let history = host.call(Call::on("GET", arn, "/history")).await.json();
        let events = history["Events"].as_array().unwrap();
        events.iter().find(|event| event["EventType"] == json!("InvocationCompleted"))?;
        let called = events.iter().find_map(|event| event.get("ChainedInvokeStartedDetails"))?;
        let called = called["DurableExecutionArn"].as_str().unwrap();
        let is_there = host.call(Call::on("GET", called, "")).await.status == 200;
        is_there.then(|| called.to_owned())
    })
    .await
}
