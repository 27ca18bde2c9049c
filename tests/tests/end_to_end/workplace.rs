//! A folder of its own for each test, with the commands it runs and what they leave behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use durable_store_sqlite::Store;
use durable_types::history::{Event, EventDetails};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Much longer than anything here takes, so that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Workplace(TempDir);

impl Workplace {
    pub(crate) fn new() -> Self {
        let workplace = Self(TempDir::new().unwrap());
        workplace.deploy("original");
        workplace
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Replaces the code of the probe.
    pub(crate) fn deploy(&self, code: &str) {
        std::fs::write(self.path().join("code"), code).unwrap();
    }

    /// `durable run` of the probe, under the same name each time.
    pub(crate) fn probe(&self) -> Command {
        let input = json!({ "folder": self.path() }).to_string();
        self.run("probe", Path::new(env!("CARGO_BIN_EXE_probe")), &["--input", &input, "--name", "a"])
    }

    /// `durable run` of a chain of `steps` steps that take `millis` milliseconds each.
    pub(crate) fn chain(&self, steps: u32, millis: u64) -> Command {
        let input = json!({ "folder": self.path(), "steps": steps, "millis": millis }).to_string();
        self.run("chain", Path::new(env!("CARGO_BIN_EXE_chain")), &["--input", &input])
    }

    /// `durable run` of the example `order`.
    pub(crate) fn order(&self, arguments: &[&str]) -> Command {
        self.run("order", Path::new(env!("CARGO_BIN_EXE_order-under-test")), arguments)
    }

    fn run(&self, name: &str, executable: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
        command.arg("run").arg(name).arg("--executable").arg(executable).args(arguments);
        command.arg("--folder").arg(self.data());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `durable dev` of the example `order`, for other machines too.
    pub(crate) fn dev(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
        command.args(["dev", "order", "--host", "0.0.0.0", "--port", "0"]);
        command.args(["--executable", env!("CARGO_BIN_EXE_order-under-test")]);
        command.arg("--folder").arg(self.data()).stdin(Stdio::null());
        command
    }

    fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The bodies that ran, in order.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.log().into_iter().map(|(body, _)| body).collect()
    }

    /// The process that ran the last body.
    pub(crate) fn last_process(&self) -> Pid {
        let (_, process) = self.log().pop().unwrap();
        Pid::from_raw(process).unwrap()
    }

    fn log(&self) -> Vec<(String, i32)> {
        let log = std::fs::read_to_string(self.path().join("log")).unwrap_or_default();
        let line = |line: &str| {
            let (body, process) = line.split_once(' ').unwrap();
            (body.to_owned(), process.parse().unwrap())
        };
        log.lines().map(line).collect()
    }

    /// The history of the only execution, once no service runs any more.
    pub(crate) fn history(&self) -> Vec<Event> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(async {
            let store = Store::open(&self.data()).unwrap();
            let executions = store.list(Default::default(), 10).await.unwrap();
            let [execution] = &executions.executions[..] else { panic!("one execution") };
            store.events(&execution.execution_id, 0).await.unwrap()
        });
        let events: Vec<durable_service::Event> =
            events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        let history = durable_service::history(&events);
        assert!(history.iter().zip(1..).all(|(event, id)| event.event_id == id), "the history has a gap");
        history
    }
}

/// How often each kind of event is told of the operation with this name.
pub(crate) fn count(history: &[Event], name: &str, matches: impl Fn(&EventDetails) -> bool) -> usize {
    history.iter().filter(|event| event.name.as_deref() == Some(name) && matches(&event.details)).count()
}

/// A command that runs, whose progress is read line by line. It is killed if it takes much too long.
pub(crate) struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
    _alarm: Sender<()>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (alarm, called_off) = channel();
        let process = Pid::from_child(&child);
        std::thread::spawn(move || {
            if called_off.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                // Whoever waits for its next line or its end is told that it has ended.
                let _ = kill_process(process, Signal::KILL);
            }
        });
        Self { child, lines, _alarm: alarm }
    }

    /// Waits for a line that tells this.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut seen = Vec::new();
        for line in self.lines.by_ref().map_while(Result::ok) {
            if line.contains(text) {
                return;
            }
            seen.push(line);
        }
        panic!("ended without telling {text:?}, but {seen:#?}");
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn output(mut self) -> Output {
        let errors: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        let mut output = self.child.wait_with_output().unwrap();
        output.stderr = errors.join("\n").into_bytes();
        output
    }
}

pub(crate) fn kill(process: Pid) {
    kill_process(process, Signal::KILL).unwrap();
}

/// Waits until something holds.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} does not become true");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn is_alive(process: Pid) -> bool {
    // A process that nobody has waited for yet is dead, but still has its number.
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    let is_zombie = stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
    test_kill_process(process).is_ok() && !is_zombie
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
