//! A running `durable dev`, and the commands that talk to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output};

use serde_json::Value;

use crate::place::{Place, spawn, stderr, stdout};

/// A service with the function `order`, on the data folder of its place. It is killed when dropped.
pub(crate) struct Server {
    pub(crate) place: Place,
    pub(crate) endpoint: String,
    child: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_in(Place::new())
    }

    pub(crate) fn start_in(place: Place) -> Self {
        Self::start_as(place, Place::durable)
    }

    /// Starts the service with a command built by this function.
    pub(crate) fn start_as(place: Place, command: impl FnOnce(&Place, &[&str]) -> Command) -> Self {
        let command = command(&place, &["dev", "order", "--executable", "order", "--port", "0"]);
        Self::serve(place, command)
    }

    /// Starts a service with the functions in the `durable.toml` of its place.
    pub(crate) fn start_configured(place: Place) -> Self {
        let command = place.durable(&["dev"]);
        Self::serve(place, command)
    }

    fn serve(place: Place, command: Command) -> Self {
        let mut child = spawn(command);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.starts_with("serving")).unwrap();
        let endpoint = line.split(' ').find(|word| word.starts_with("http://")).unwrap();
        let endpoint = endpoint.trim_end_matches(',').to_owned();
        // Keeps the pipe open and empty, so that no output is dropped.
        std::thread::spawn(move || lines.for_each(drop));
        Self { place, endpoint, child }
    }

    /// Kills the service and starts it again.
    pub(crate) fn restart(self) -> Self {
        self.restart_as(|place| place.durable(&["dev", "order", "--executable", "order", "--port", "0"]))
    }

    /// Kills the service and starts it again, with another command.
    pub(crate) fn restart_as(mut self, command: impl FnOnce(&Place) -> Command) -> Self {
        let place = std::mem::replace(&mut self.place, Place::new());
        drop(self);
        let command = command(&place);
        Self::serve(place, command)
    }

    /// Interrupts the service, waits for its end and returns its place.
    pub(crate) fn interrupt(mut self) -> Place {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        assert!(self.child.wait().unwrap().success());
        std::mem::replace(&mut self.place, Place::new())
    }

    /// Runs a command in the folder of the service.
    pub(crate) fn durable(&self, arguments: &[&str]) -> Output {
        self.place.durable(arguments).output().unwrap()
    }

    /// Returns the standard output of a command that must succeed.
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.durable(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }

    /// Starts an execution of this name.
    pub(crate) fn start_execution(&self, name: &str, input: &str) -> String {
        self.stdout(&["invoke", "order", "--detach", "--name", name, "--input", input]).trim().to_owned()
    }

    /// Waits until an execution has this status.
    pub(crate) fn wait_for(&self, name: &str, status: &str) -> Value {
        for _ in 0..600 {
            let shown = self.json(&["show", name, "--json"]);
            if shown["Execution"]["Status"] == status {
                return shown;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{name} never was {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
