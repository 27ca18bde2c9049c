//! The local service of this project.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::function::Work;
use crate::http::Connection;
use crate::process::Process;
use crate::service::{Running, Service};

pub struct Durable {
    pub program: PathBuf,
}

impl Service for Durable {
    fn name(&self) -> &'static str {
        "durable"
    }

    fn start(&self, folder: &Path) -> Running {
        let function = std::env::current_exe().expect("this program");
        let mut child = Command::new(&self.program)
            .args(["dev", "bench", "--port", "0", "--executable"])
            .arg(function)
            .arg("--folder")
            .arg(folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        let told = lines.find(|line| line.starts_with("serving")).expect("its address");
        let address =
            told.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("its address");
        let address = address.to_owned();
        // What is printed must be read, or it blocks.
        std::thread::spawn(move || lines.for_each(drop));
        Running { process: Process(child), address, execute }
    }
}

fn execute(connection: &mut Connection, work: Work) -> Option<String> {
    let path = "/2015-03-31/functions/bench/invocations?Qualifier=%24LATEST";
    let input = work.input().to_string();
    match work {
        Work::Steps(_) => {
            let answer = connection.call("POST", path, "", input.as_bytes());
            Some(answer.json().to_string())
        }
        Work::Wait => {
            connection.call("POST", path, "X-Amz-Invocation-Type: Event\r\n", input.as_bytes());
            None
        }
    }
}
