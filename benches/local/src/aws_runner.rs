//! AWS's local runner, with its SQLite store: the program `dex-local-runner` of the Python package
//! `aws-durable-execution-sdk-python-testing`.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::function::{Work, run};
use crate::http::{Connection, Message, segment};
use crate::process::Process;
use crate::service::{Running, Service};

pub struct AwsRunner {
    pub program: PathBuf,
}

impl Service for AwsRunner {
    fn name(&self) -> &'static str {
        "AWS's runner"
    }

    fn start(&self, folder: &Path) -> Running {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let address = format!("127.0.0.1:{port}");
        let lambda = serve_invocations(address.clone());
        std::fs::create_dir_all(folder).expect("a folder");
        let child = Command::new(&self.program)
            .args([
                "start-server",
                "--host",
                "127.0.0.1",
                "--log-level",
                "CRITICAL",
                "--store-type",
                "sqlite",
            ])
            .args([
                "--port",
                &port.to_string(),
                "--lambda-endpoint",
                &lambda,
                "--local-runner-region",
                "us-east-1",
            ])
            .arg("--store-path")
            .arg(folder.join("executions.db"))
            .args(["--execution-timeout", "100000"])
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the runner starts");
        let mut connection = Connection::new(&address);
        while !connection.try_call("GET", "/health", "", b"").is_ok_and(|answer| answer.status() == 200) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Running { process: Process(child), address, execute }
    }
}

fn execute(connection: &mut Connection, work: Work) -> Option<String> {
    static EXECUTIONS: AtomicU64 = AtomicU64::new(0);
    let name = format!("e{}", EXECUTIONS.fetch_add(1, Ordering::Relaxed));
    let request = json!({
        "AccountId": "000000000000", "FunctionName": "bench", "FunctionQualifier": "$LATEST",
        "ExecutionName": name, "ExecutionTimeoutSeconds": 100_000, "ExecutionRetentionPeriodDays": 1,
        "InvocationId": name, "Input": work.input().to_string(),
    });
    let started =
        connection.call("POST", "/start-durable-execution", "", request.to_string().as_bytes()).json();
    if matches!(work, Work::Wait) {
        return None;
    }
    let arn = started.get("ExecutionArn").or(started.get("DurableExecutionArn")).and_then(|arn| arn.as_str());
    let path = format!("/2025-12-01/durable-executions/{}", segment(arn.expect("an ARN")));
    loop {
        // It has no way to wait for the end.
        std::thread::sleep(Duration::from_millis(5));
        let execution = connection.call("GET", &path, "", b"").json();
        match execution["Status"].as_str() {
            Some("RUNNING") => {}
            _ => return Some(execution["Result"].as_str().expect("a result").to_owned()),
        }
    }
}

/// Serves Invoke for the runner, which is at this address, with the function in this process.
fn serve_invocations(runner: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let runner = runner.clone();
            std::thread::spawn(move || answer_invocations(stream, &runner));
        }
    });
    endpoint
}

fn answer_invocations(mut stream: TcpStream, runner: &str) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut service = Connection::new(runner);
    while let Ok(request) = Message::read(&mut reader) {
        let output = run(&request.json(), &mut service).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Amz-Executed-Version: $LATEST";
        if write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{output}", output.len()).is_err() {
            return;
        }
    }
}
