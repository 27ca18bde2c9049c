//! `durable dev` as a process that is killed and started again on its folder, and a client that outlives it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use durable_tests::serving::{Served, segment};
use http_body_util::{BodyExt, Full};
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Much longer than a service takes to answer, or a process to die.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the services said that none must ever say, all of them together.
pub(crate) type Complaints = Arc<Mutex<Vec<String>>>;

/// A service that runs, on a folder of the test.
pub(crate) struct Service {
    served: Served,
    folder: PathBuf,
    client: Client,
}

impl Service {
    /// Starts it, and leads the client to it.
    pub(crate) async fn start(folder: &Path, client: &Client, complaints: &Complaints) -> Self {
        let (command, complaints) = (command(&folder.join("data")), Arc::clone(complaints));
        let note = move |line: String| {
            let is_ours = !line.starts_with("mixed: ") && !line.starts_with("called: ");
            if line.contains("panicked") || is_ours && line.contains("ERROR") {
                complaints.lock().unwrap().push(line);
            }
        };
        let started = tokio::task::spawn_blocking(move || Served::start(command, note));
        let served = started.await.unwrap().unwrap();
        client.lead(Some(served.address()));
        Self { served, folder: folder.to_owned(), client: client.clone() }
    }

    /// Kills one of the functions' processes, if there is one.
    pub(crate) fn kill_function(&self, chance: &mut fastrand::Rng) -> bool {
        let functions = children(self.served.process());
        if functions.is_empty() {
            return false;
        }
        let function = Pid::from_raw(functions[chance.usize(..functions.len())]).unwrap();
        kill_process(function, Signal::KILL).is_ok()
    }

    /// Kills it with SIGKILL, and waits until its functions are dead, which is soon.
    pub(crate) async fn kill(self) {
        let Self { served, folder, client } = self;
        drop(served);
        client.lead(None);
        let locks = std::fs::read_dir(folder.join("locks")).unwrap();
        let end = Instant::now() + PATIENCE;
        for lock in locks.map(|entry| entry.unwrap().path()) {
            while File::open(&lock).unwrap().try_lock().is_err() {
                assert!(Instant::now() < end, "{}: its function outlives the service", lock.display());
                pause().await;
            }
        }
    }
}

fn command(data: &Path) -> Command {
    let function = env!("CARGO_BIN_EXE_mixed");
    let mut command = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
    command.args(["dev", "mixed", "called", "--port", "0"]);
    command.args([
        "--executable",
        &format!("mixed={function}"),
        "--executable",
        &format!("called={function}"),
    ]);
    command.arg("--folder").arg(data);
    command
}

/// The processes of functions that a service started, on all of its threads.
fn children(process: u32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let children = threads.filter_map(|thread| {
        let children = std::fs::read_to_string(thread.ok()?.path().join("children")).ok()?;
        Some(children.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<i32>>())
    });
    children.flatten().filter(|child| !watches(*child)).collect()
}

/// Whether a process is no function, but the one that ends functions with the service.
fn watches(process: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.contains("keep-watch"))
}

/// A client that finds the service again wherever it was started last.
#[derive(Clone, Default)]
pub(crate) struct Client {
    address: Arc<Mutex<Option<SocketAddr>>>,
    acknowledged: Arc<Notify>,
}

impl Client {
    fn lead(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap() = address;
    }

    /// Sends a request once. There is no answer if the service is not there, or dies meanwhile.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Option<Response<Bytes>> {
        let address = (*self.address.lock().unwrap())?;
        let changes_something = method == Method::POST;
        let mut request = Request::builder().method(method).uri(path).header(HOST, address.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let stream = TokioIo::new(TcpStream::connect(address).await.ok()?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.ok()?;
        let connection = tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        connection.abort();
        if changes_something && head.status.is_success() {
            self.acknowledged.notify_waiters();
        }
        Some(Response::from_parts(head, body))
    }

    /// Waits until the service acknowledges a change.
    pub(crate) async fn acknowledged(&self) {
        self.acknowledged.notified().await;
    }

    /// Reads something as JSON, as soon as there is a service that answers.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.send(Method::GET, path, &[], String::new()).await {
                assert!(answer.status().is_success(), "GET {path}: {answer:?}");
                return serde_json::from_slice(answer.body()).unwrap();
            }
            assert!(Instant::now() < end, "nobody answers GET {path}");
            pause().await;
        }
    }

    /// Everything that is recorded of an execution, page by page.
    pub(crate) async fn history(&self, arn: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut marker = String::new();
        loop {
            let query = format!("IncludeExecutionData=true&MaxItems=100{marker}");
            let page = self.read(&format!("{}/history?{query}", execution(arn))).await;
            events.extend(page["Events"].as_array().unwrap().iter().cloned());
            let Some(next) = page["NextMarker"].as_str() else { return events };
            marker = format!("&Marker={}", segment(next));
        }
    }
}

/// The path of an execution.
pub(crate) fn execution(arn: &str) -> String {
    format!("/2025-12-01/durable-executions/{}", segment(arn))
}

pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
