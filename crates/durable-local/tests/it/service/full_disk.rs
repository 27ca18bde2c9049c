//! A disk that takes no more, and then some more.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use durable_local::ExecutionStart;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::Value;
use tokio::time::timeout;

use super::client::Call;
use super::guest::Host;
use crate::role;

const FOLDER: &str = "DURABLE_TEST_FOLDER";

/// Bytes by which no file may grow while the disk is full.
const ROOM: u64 = 400_000;

fn named(name: &str) -> Call<'static> {
    let call = Call::invoke("\"steps 3\"").header("x-amz-invocation-type", "Event");
    call.header("x-amz-durable-execution-name", name)
}

fn limit_files(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

fn largest_file(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap()
}

async fn result(host: &Host, name: &str) -> Option<String> {
    let found = host.service().find_execution("order", name).await.unwrap().unwrap();
    let closed = timeout(Duration::from_secs(60), host.service().wait_closed(&found.arn)).await.unwrap();
    match closed {
        Ok(closed) => closed.result.clone(),
        // It failed before there was room, and goes on in a moment.
        Err(_) => {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                result(host, name).await
            })
            .await
        }
    }
}

async fn history(host: &Host, name: &str) -> Value {
    let found = host.service().find_execution("order", name).await.unwrap().unwrap();
    host.call(Call::on("GET", found.arn.as_str(), "/history?MaxItems=1000")).await.json()
}

/// The part of the service: fills the disk, has room again, and checks that everything goes on.
pub(crate) fn fill_the_disk() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(&folder).await;
        limit_files(Some(largest_file(&folder) + ROOM));
        let (mut taken, mut refused) = (Vec::new(), 0);
        // Some begin while there is room, and none of them may be lost; then come those that are refused.
        for number in 0..10_000 {
            let name = format!("e{number}");
            let answer = host.call(named(&name)).await;
            match answer.status {
                202 => taken.push(name),
                status => {
                    let (_, error_type, fault, message) = answer.error();
                    assert_eq!(
                        (status, error_type.as_str(), fault.as_str()),
                        (500, "ServiceException", "Service")
                    );
                    assert!(message.contains("the database") && message.contains("failed"), "{message}");
                    refused += 1;
                }
            }
            if refused == 20 {
                break;
            }
        }
        assert!(taken.len() > 3 && refused == 20, "{} were taken, {refused} refused", taken.len());

        limit_files(None);

        for name in &taken {
            assert_eq!(result(&host, name).await.as_deref(), Some("3"), "{name}");
        }
        let start =
            ExecutionStart { execution_name: Some("later".to_owned()), ..ExecutionStart::new("order") };
        host.service().start_execution(start).await.unwrap();
        let history_before = history(&host, &taken[taken.len() - 1]).await;
        host.shutdown().await;

        let host = Host::start(&folder).await;
        assert_eq!(history(&host, &taken[taken.len() - 1]).await, history_before, "the history is durable");
        assert_eq!(host.guest.invocations(), 0, "nothing is left to be done");
        host.shutdown().await;
    });
}

#[test]
fn what_was_acknowledged_goes_on_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();

    // The shell has the system refuse what is too large, instead of ending the process.
    let mut service = Command::new("sh");
    service.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(role::program()).args(role::ARGUMENTS);
    let output = service.env(role::ROLE, "filling service").env(FOLDER, folder.path()).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
