//! More callers than the service takes at once.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::Call;
use super::eventually::until;
use super::guest::Host;
use crate::role;

const FOLDER: &str = "DURABLE_TEST_FOLDER";

/// How many invocations a service takes that may open few files.
const INVOCATIONS: usize = 32;

/// How long an answer may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);

/// The part of the service: may open few files, and says where it listens.
pub(crate) fn host_with_few_files() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let limit = Rlimit { current: Some(128), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(&folder).await;
        println!("{}", host.service().address().unwrap());
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

/// Sends an invocation that hangs, on a connection that its client would use again.
async fn hang(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST /2015-03-31/functions/order:1/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 6\r\n\r\n\"hang\"";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// The executions that run.
async fn running(address: SocketAddr) -> Vec<String> {
    let list = Call::get("/2025-12-01/functions/order/durable-executions?Statuses=RUNNING").send(address);
    let list = list.await.json()["DurableExecutions"].take();
    let arn = |it: &serde_json::Value| it["DurableExecutionArn"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(arn).collect()
}

/// As many clients as the service lets wait, all of which wait.
async fn waiting(address: SocketAddr) -> Vec<TcpStream> {
    let mut waiting = Vec::new();
    for _ in 0..INVOCATIONS {
        waiting.push(hang(address).await);
    }
    until("all of them wait", async || running(address).await.len() == INVOCATIONS).await;
    waiting
}

#[tokio::test]
async fn invocations_that_wait_leave_connections_for_what_ends_them() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    let Service(_, address) = service;
    let mut waiting = waiting(address).await;

    let refused = Call::invoke("1").send(address).await;
    let (status, error_type, ..) = refused.error();
    assert_eq!((status, error_type.as_str()), (429, "TooManyRequestsException"));
    assert_eq!(refused.json()["Reason"], json!("ConcurrentInvocationLimitExceeded"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    waiting.pop();
    until("one of them is gone", async || Call::invoke("1").send(address).await.status == 200).await;
}

#[tokio::test]
async fn clients_that_try_again_and_again_leave_connections_for_what_ends_invocations() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    let Service(_, address) = service;
    let _waiting = waiting(address).await;
    let mut refused = Vec::new();

    for _ in 0..2 * INVOCATIONS {
        let mut stream = hang(address).await;
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.contains("ConcurrentInvocationLimitExceeded"), "{answer}");
        refused.push(stream);
    }

    let stopped = Call::on("POST", &running(address).await[0], "/stop").send(address).await;
    assert_eq!(stopped.status, 200);
    until("one has ended", async || Call::invoke("1").send(address).await.status == 200).await;
}

#[tokio::test]
async fn idle_connections_do_not_keep_new_ones_out() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    let Service(_, address) = service;
    let mut idle = Vec::new();
    // Many more than the service may have open, of clients that never sent a request, sent half of one, or were
    // answered.
    for begun in ["", "GET /heal", "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"] {
        for _ in 0..4 * INVOCATIONS {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            idle.push(stream);
        }
    }

    // Its function checkpoints, on connections of its own.
    let answer = timeout(PATIENCE, Call::invoke("\"steps 3\"").send(address)).await.unwrap();

    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}
