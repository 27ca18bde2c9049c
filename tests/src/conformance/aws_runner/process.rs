//! The process of AWS's local runner.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::conformance::catalogue::TARGETS;
use crate::conformance::failure::Failure;
use crate::conformance::http::client::Client;

/// How long the runner may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(100);

/// AWS's local runner, which ends with this value.
pub(super) struct AwsRunner {
    process: Child,
    client: Client,
}

impl AwsRunner {
    /// Starts it on a port; it invokes functions at `lambda_endpoint`.
    pub(super) async fn start(program: &Path, port: u16, lambda_endpoint: &str) -> Result<Self, Failure> {
        let target = json!({"DurableConfig": {"ExecutionTimeout": 300, "RetentionPeriodInDays": 1}});
        let targets: serde_json::Map<_, _> =
            TARGETS.iter().map(|name| ((*name).to_owned(), target.clone())).collect();
        let process = Command::new(program)
            .args(["start-server", "--host", "127.0.0.1", "--log-level", "ERROR"])
            .args(["--port", &port.to_string(), "--lambda-endpoint", lambda_endpoint])
            .args(["--local-runner-region", "us-east-1"])
            .args(["--function-configs", &serde_json::Value::from(targets).to_string()])
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let process = process.map_err(|error| Failure::of("AWS's local runner does not start", &error))?;
        let runner = Self { process, client: Client(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) };
        let ready = tokio::time::timeout(PATIENCE, async {
            while runner.client.read("/health").await.is_err() {
                tokio::time::sleep(INTERVAL).await;
            }
        });
        ready.await.map_err(|error| Failure::of("AWS's local runner is not ready", &error))?;
        Ok(runner)
    }

    pub(super) fn client(&self) -> Client {
        self.client
    }
}

impl Drop for AwsRunner {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
