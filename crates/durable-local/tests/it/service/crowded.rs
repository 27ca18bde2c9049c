//! More callers than the service takes at once.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::Call;
use super::eventually::until;
use super::guest::Host;
use crate::role;

const FOLDER: &str = "DURABLE_TEST_FOLDER";

/// How many invocations a service takes that may open few files.
const INVOCATIONS: usize = 32;

/// The part of the service: may open few files, and says where it listens.
pub(crate) fn host_with_few_files() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let limit = Rlimit { current: Some(128), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(&folder).await;
        println!("{}", host.service().address());
        std::future::pending::<()>().await;
    });
}

/// A service of its own process, which ends with this.
struct Service(Child, SocketAddr);

impl Service {
    fn start(folder: &std::path::Path) -> Self {
        let mut child =
            role::command("crowded service").env(FOLDER, folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().parse().ok()).unwrap();
        Self(child, address)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn invocations_that_wait_leave_connections_for_what_ends_them() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    let Service(_, address) = service;
    let mut waiting = Vec::new();
    for _ in 0..INVOCATIONS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = "POST /2015-03-31/functions/order:1/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 6\r\n\r\n\"hang\"";
        stream.write_all(request.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    let running = async || {
        let list = Call::get("/2025-12-01/functions/order/durable-executions?Statuses=RUNNING");
        list.send(address).await.json()["DurableExecutions"].as_array().unwrap().len()
    };
    until("all of them wait", async || running().await == INVOCATIONS).await;

    let refused = Call::invoke("1").send(address).await;
    let (status, error_type, ..) = refused.error();
    assert_eq!((status, error_type.as_str()), (429, "TooManyRequestsException"));
    assert_eq!(refused.json()["Reason"], json!("ConcurrentInvocationLimitExceeded"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    waiting.pop();
    until("one of them is gone", async || Call::invoke("1").send(address).await.status == 200).await;
}
