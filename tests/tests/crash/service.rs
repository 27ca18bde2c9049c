//! `durable dev` as a process that is killed and started again on its folder, and a client that outlives it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::net::TcpStream;

/// A service that runs.
pub(crate) struct Service {
    child: Child,
    client: Client,
}

impl Service {
    /// Starts it on this folder, and leads the client to it.
    pub(crate) async fn start(folder: &Path, client: &Client) -> Self {
        let folder = folder.to_owned();
        let (child, address) = tokio::task::spawn_blocking(move || spawn(folder)).await.unwrap();
        client.lead(Some(address));
        Self { child, client: client.clone() }
    }

    /// Kills one of the functions' processes, if there is one.
    pub(crate) fn kill_function(&self, chance: &mut fastrand::Rng) -> bool {
        let functions = children(self.child.id());
        if functions.is_empty() {
            return false;
        }
        let function = Pid::from_raw(functions[chance.usize(..functions.len())]).unwrap();
        kill_process(function, Signal::KILL).is_ok()
    }
}

impl Drop for Service {
    /// Kills it with SIGKILL.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.client.lead(None);
    }
}

fn spawn(folder: PathBuf) -> (Child, SocketAddr) {
    let function = env!("CARGO_BIN_EXE_mixed");
    let mut child = Command::new(env!("CARGO_BIN_EXE_durable-under-test"))
        .args(["dev", "mixed", "called", "--port", "0"])
        .args(["--executable", &format!("mixed={function}"), "--executable", &format!("called={function}")])
        .arg("--folder")
        .arg(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut before = Vec::new();
    let told = lines.find(|line| {
        before.push(line.clone());
        line.starts_with("serving")
    });
    let Some(told) = told else { panic!("the service does not start: {before:#?}") };
    let address = told.split("http://").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    // What functions write must be read, or they block.
    std::thread::spawn(move || {
        lines.filter(|line| line.contains("panicked")).for_each(|line| eprintln!("{line}"));
    });
    (child, address)
}

/// The processes that a process started, on all of its threads.
fn children(process: u32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let children = threads.filter_map(|thread| {
        let children = std::fs::read_to_string(thread.ok()?.path().join("children")).ok()?;
        Some(children.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<i32>>())
    });
    children.flatten().collect()
}

/// A client that finds the service again wherever it was started last.
#[derive(Clone, Default)]
pub(crate) struct Client(Arc<Mutex<Option<SocketAddr>>>);

impl Client {
    fn lead(&self, address: Option<SocketAddr>) {
        *self.0.lock().unwrap() = address;
    }

    /// Sends a request once. There is no answer if the service is not there, or dies meanwhile.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Option<Response<Bytes>> {
        let address = (*self.0.lock().unwrap())?;
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
        Some(Response::from_parts(head, body))
    }

    /// Reads something as JSON, as soon as there is a service that answers.
    pub(crate) async fn read(&self, path: &str) -> Value {
        loop {
            if let Some(answer) = self.send(Method::GET, path, &[], String::new()).await {
                assert!(answer.status().is_success(), "GET {path}: {answer:?}");
                return serde_json::from_slice(answer.body()).unwrap();
            }
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

/// A text as a segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
