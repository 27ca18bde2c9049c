//! A Lambda for one invocation: the Runtime API and the durable API on one port of this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake_service::Request;

/// What a function posted: where, and what.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) path: String,
    pub(crate) user_agent: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

/// A function process with the Lambda that it talks to.
pub(crate) struct FakeLambda {
    function: Child,
    posted: Receiver<Posted>,
}

struct Script {
    /// The payload of the only invocation, until it is delivered.
    payload: Mutex<Option<String>>,
    /// The answers to checkpoints, of which the last is repeated.
    checkpoints: Mutex<Vec<CheckpointAnswer>>,
    /// How often credentials were requested.
    credentials: AtomicUsize,
}

/// The answer to a checkpoint: status, error type and body.
pub(crate) type CheckpointAnswer = (u16, &'static str, String);

/// Where the function finds its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialsFrom {
    Keys,
    Container,
}

impl FakeLambda {
    /// Starts this test program again as a function, by the name of the test that is the function.
    pub(crate) fn start(function: &str, payload: impl Into<String>, checkpoint: CheckpointAnswer) -> Self {
        Self::start_with(CredentialsFrom::Keys, function, payload, vec![checkpoint])
    }

    pub(crate) fn start_with(
        credentials: CredentialsFrom,
        function: &str,
        payload: impl Into<String>,
        mut checkpoints: Vec<CheckpointAnswer>,
    ) -> Self {
        checkpoints.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script {
            payload: Mutex::new(Some(payload.into())),
            checkpoints: Mutex::new(checkpoints),
            credentials: AtomicUsize::new(0),
        });
        let (sender, posted) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, sender) = (Arc::clone(&script), sender.clone());
                std::thread::spawn(move || serve(stream, &script, &sender));
            }
        });
        let mut process = function_process(function, address);
        match credentials {
            CredentialsFrom::Keys => {
                process.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
            }
            CredentialsFrom::Container => {
                process
                    .env_remove("AWS_ACCESS_KEY_ID")
                    .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("http://{address}/credentials?v=1"))
                    .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token of the sandbox");
            }
        }
        let function = process.spawn().unwrap();
        Self { function, posted }
    }

    /// The next thing that the function posts.
    pub(crate) fn posted(&self) -> Posted {
        self.posted.recv_timeout(Duration::from_secs(30)).expect("the function posts something")
    }
}

impl Drop for FakeLambda {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
    }
}

/// This test program as a function, by the name of the test that is the function, of the Lambda at this address.
pub(crate) fn function_process(function: &str, lambda: SocketAddr) -> Command {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", function, "--ignored", "--nocapture"])
        .env("AWS_LAMBDA_RUNTIME_API", lambda.to_string())
        .env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{lambda}"))
        .env("AWS_LAMBDA_FUNCTION_NAME", "test")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_MAX_ATTEMPTS", "2")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    process
}

fn serve(stream: TcpStream, script: &Script, sender: &Sender<Posted>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut reader, 0) {
        let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
        let (user_agent, authorization) = (header("user-agent"), header("authorization"));
        let Request { path, query, body, .. } = request;
        if path == "/credentials" {
            assert_eq!((&*query, &*authorization), ("v=1", "token of the sandbox"));
            let count = script.credentials.fetch_add(1, Ordering::SeqCst);
            let credentials = json!({"AccessKeyId": format!("key-{count}"), "SecretAccessKey": "secret",
                "Token": "session", "Expiration": "2099-01-01T00:00:00Z"});
            write_response(&stream, 200, "", &credentials.to_string());
            continue;
        }
        if path.ends_with("/invocation/next") {
            let Some(payload) = script.payload.lock().unwrap().take() else {
                // There is no second invocation; the function waits until it is ended.
                continue;
            };
            let headers = "Lambda-Runtime-Aws-Request-Id: request-1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                           Lambda-Runtime-Invoked-Function-Arn: arn\r\nLambda-Runtime-Trace-Id: Root=1\r\n\
                           Lambda-Runtime-Client-Context: {\"custom\":{\"tenant\":\"t-1\"}}\r\n";
            write_response(&stream, 200, headers, &payload);
            continue;
        }
        let is_checkpoint = path.ends_with("/checkpoint");
        sender.send(Posted { path, user_agent, authorization, body }).ok();
        if is_checkpoint {
            let (status, kind, body) = script.next_answer();
            write_response(&stream, status, &format!("x-amzn-ErrorType: {kind}\r\n"), &body);
        } else {
            write_response(&stream, 202, "", "{}");
        }
    }
}

impl Script {
    fn next_answer(&self) -> CheckpointAnswer {
        let mut answers = self.checkpoints.lock().unwrap();
        if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() }
    }
}

/// Reads a request from the connection with this number, unless it ends before.
pub(crate) fn read_request(reader: &mut impl BufRead, connection: usize) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let first = lines.next()?;
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        })
        .collect();
    let mut body = vec![0; headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let (method, uri) = first.split_once(' ')?;
    let uri = uri.split(' ').next()?;
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    Some(Request {
        connection,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

fn write_response(mut stream: &TcpStream, status: u16, headers: &str, body: &str) {
    let response =
        format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(response.as_bytes());
}
