//! AWS's local runner, with its SQLite store: the program `dex-local-runner` of the Python package
//! `aws-durable-execution-sdk-python-testing`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bench_harness::{Connection, Process, segment};
use serde_json::json;

use super::functions::Functions;
use super::{Running, Service, free_address};
use crate::lambda::LambdaEndpoint;
use crate::work::{StepTimes, Work};

/// Longer than any execution here.
const TIMEOUT_SECONDS: u32 = 100_000;

pub struct AwsRunner {
    pub program: PathBuf,
}

impl Service for AwsRunner {
    fn name(&self) -> &'static str {
        "AWS's runner"
    }

    /// It closes the connection after each response, and five may wait to be accepted; more are reset or delayed by
    /// up to a minute.
    fn max_callers(&self) -> usize {
        8
    }

    /// Each step takes it longer than the one before, and 1,000 in total more than a minute.
    fn max_steps(&self) -> u32 {
        200
    }

    fn start(&self, folder: &Path) -> Running {
        let address = free_address();
        let lambda = LambdaEndpoint::start(&address.to_string());
        std::fs::create_dir_all(folder).expect("the temporary folder is writable");
        let child = Command::new(&self.program)
            .args(["start-server", "--log-level", "CRITICAL", "--store-type", "sqlite", "--store-path"])
            .arg(folder.join("executions.db"))
            .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--lambda-endpoint", lambda.endpoint(), "--local-runner-region", "us-east-1"])
            .args(["--execution-timeout", &TIMEOUT_SECONDS.to_string()])
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the runner starts");
        Connection::new(&address.to_string()).wait_until_healthy("/health");
        Running {
            process: Process::new(child),
            address: address.to_string(),
            admin_address: None,
            functions: Functions::Lambda(lambda),
        }
    }

    fn register(&self, _running: &Running) {}

    fn execute(&self, connection: &mut Connection, work: Work) -> StepTimes {
        let begin = Instant::now();
        let path = format!("/2025-12-01/durable-executions/{}", segment(&start_execution(connection, work)));
        loop {
            // The runner has no call that waits for the end. Asking more often would slow it down.
            std::thread::sleep((begin.elapsed() / 4).max(Duration::from_millis(5)));
            let execution = connection.call("GET", &path, "", b"").json();
            if execution["Status"] != "RUNNING" {
                let result = execution["Result"].as_str().unwrap_or_else(|| panic!("no result: {execution}"));
                return serde_json::from_str(result).expect("the function returns times");
            }
        }
    }

    fn send(&self, connection: &mut Connection, work: Work) {
        start_execution(connection, work);
    }
}

/// Starts an execution, and returns its ARN.
fn start_execution(connection: &mut Connection, work: Work) -> String {
    static EXECUTIONS: AtomicU64 = AtomicU64::new(0);
    let name = format!("e{}", EXECUTIONS.fetch_add(1, Ordering::Relaxed));
    let request = json!({
        "AccountId": "000000000000", "FunctionName": "bench", "FunctionQualifier": "$LATEST",
        "ExecutionName": name, "ExecutionTimeoutSeconds": TIMEOUT_SECONDS, "ExecutionRetentionPeriodDays": 1,
        "InvocationId": name, "Input": work.json(),
    });
    let started =
        connection.call("POST", "/start-durable-execution", "", request.to_string().as_bytes()).json();
    started["ExecutionArn"].as_str().expect("the runner returns an ARN").to_owned()
}
