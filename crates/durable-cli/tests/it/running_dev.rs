//! A running `durable dev` whose output is read line by line.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command};

use crate::client::{Answer, request};
use crate::place::{Place, spawn};

/// A running `durable dev`, which is killed when dropped.
pub(crate) struct Dev {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    /// The lines up to the one that says what is served.
    pub(crate) first_lines: Vec<String>,
    address: String,
}

impl Dev {
    pub(crate) fn start(place: &Place) -> Self {
        Self::start_as(place.durable(&["dev", "--port", "0"]))
    }

    pub(crate) fn start_as(command: Command) -> Self {
        let mut child = spawn(command);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut first_lines = Vec::new();
        while !first_lines.last().is_some_and(|line: &String| line.starts_with("serving ")) {
            first_lines.push(lines.next().unwrap_or_else(|| panic!("it ended: {first_lines:?}")).unwrap());
        }
        let served = first_lines.last().unwrap();
        let address = served.split(' ').find(|word| word.starts_with("http://")).unwrap();
        let address = address.trim_end_matches(',').to_owned();
        Self { child, lines, first_lines, address }
    }

    pub(crate) fn invoke(&self, function: &str) -> Answer {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.address);
        request("POST", &url, b"[1]")
    }

    /// Waits for a line that contains this text. Returns it and the lines before it.
    pub(crate) fn wait_for(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains(text)) {
            let line = self.lines.next().unwrap_or_else(|| panic!("it ended without telling {text:?}"));
            lines.push(line.unwrap());
        }
        lines
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
