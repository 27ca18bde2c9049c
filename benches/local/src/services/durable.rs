//! The local service of this project.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bench_harness::{Connection, Process};

use super::functions::Functions;
use super::{Running, Service};
use crate::work::{StepTimes, Work};

const INVOKE: &str = "/2015-03-31/functions/bench/invocations?Qualifier=%24LATEST";

pub struct Durable {
    pub program: PathBuf,
}

impl Service for Durable {
    fn name(&self) -> &'static str {
        "durable"
    }

    fn start(&self, folder: &Path) -> Running {
        let function = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(&self.program)
            .args(["dev", "bench", "--port", "0", "--executable"])
            .arg(function)
            .arg("--folder")
            .arg(folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let serving = lines.find(|line| line.starts_with("serving")).expect("the service prints its address");
        // The pipe must be read, or the service blocks on it.
        std::thread::spawn(move || lines.for_each(drop));
        Running {
            process: Process::new(child),
            address: address(&serving).expect("the service prints its address").to_owned(),
            admin_address: None,
            functions: Functions::Children,
        }
    }

    fn register(&self, _running: &Running) {}

    fn execute(&self, connection: &mut Connection, work: Work) -> StepTimes {
        let response = connection.call("POST", INVOKE, "", work.json().as_bytes());
        serde_json::from_slice(&response.body).expect("the function returns times")
    }

    fn send(&self, connection: &mut Connection, work: Work) {
        connection.call("POST", INVOKE, "X-Amz-Invocation-Type: Event\r\n", work.json().as_bytes());
    }
}

fn address(serving: &str) -> Option<&str> {
    serving.split_once("http://")?.1.split(',').next()
}
