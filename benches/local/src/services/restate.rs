//! Restate's server, with its default settings.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bench_harness::{Connection, Process};
use serde_json::json;

use super::functions::Functions;
use super::{Running, Service, free_address};
use crate::function::RESTATE_ADDRESS;
use crate::work::{StepTimes, Work};

pub struct Restate {
    program: PathBuf,
    function: Arc<Process>,
    function_address: SocketAddr,
}

impl Restate {
    /// Starts the function, which serves all servers of this program.
    pub fn new(program: PathBuf) -> Self {
        let address = free_address();
        let child = Command::new(std::env::current_exe().expect("this program has a path"))
            .env(RESTATE_ADDRESS, address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the function starts");
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { program, function: Arc::new(Process::new(child)), function_address: address }
    }
}

impl Service for Restate {
    fn name(&self) -> &'static str {
        "Restate"
    }

    fn start(&self, folder: &Path) -> Running {
        let (ingress, admin) = (free_address().to_string(), free_address().to_string());
        let child = Command::new(&self.program)
            .args(["--no-logo", "--bind-address", &free_address().to_string(), "--base-dir"])
            .arg(folder)
            .env("RESTATE_INGRESS__BIND_ADDRESS", &ingress)
            .env("RESTATE_ADMIN__BIND_ADDRESS", &admin)
            .env("RESTATE_DISABLE_TELEMETRY", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        Connection::new(&admin).wait_until_healthy("/health");
        Connection::new(&ingress).wait_until_healthy("/restate/health");
        Running {
            process: Process::new(child),
            address: ingress,
            admin_address: Some(admin),
            functions: Functions::Process(Arc::clone(&self.function)),
        }
    }

    fn register(&self, running: &Running) {
        let admin = running.admin_address.as_deref().expect("this service has an admin API");
        let deployment = json!({ "uri": format!("http://{}", self.function_address) });
        Connection::new(admin).call("POST", "/deployments", "", deployment.to_string().as_bytes());
    }

    fn execute(&self, connection: &mut Connection, work: Work) -> StepTimes {
        let response = connection.call("POST", "/Bench/execute", "", work.json().as_bytes());
        serde_json::from_slice(&response.body).expect("the function returns times")
    }

    fn send(&self, connection: &mut Connection, work: Work) {
        connection.call("POST", "/Bench/execute/send", "", work.json().as_bytes());
    }
}
