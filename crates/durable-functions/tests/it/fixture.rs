//! A pool with one function, whose program is this test binary.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use durable_functions::{
    ByteBudget, FunctionPool, FunctionSettings, Invocation, InvocationFailure, Launcher, OutputLine,
    OutputTails, PoolSettings, ProcessMetrics,
};
use durable_host::clock::SystemClock;
use durable_types::ErrorObject;
use serde_json::{Value, json};

use crate::role;

/// Longer than any test takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The address of the service. Nothing listens on it.
pub(crate) const SERVICE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9800);

/// A pool with one function, `guest`.
pub(crate) struct Host {
    pub(crate) pool: FunctionPool,
    /// The output of functions, as `STREAM LINE`.
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    /// The log streams of those lines.
    pub(crate) log_streams: Arc<Mutex<Vec<String>>>,
}

impl Host {
    pub(crate) fn start(settings: FunctionSettings) -> Self {
        Self::start_printing(settings, |_line| {})
    }

    /// Starts a pool whose lines also go to this sink, which may block.
    pub(crate) fn start_printing(
        settings: FunctionSettings,
        sink: impl Fn(OutputLine<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self::start_all(settings, sink, |_| {})
    }

    fn start_all(
        settings: FunctionSettings,
        sink: impl Fn(OutputLine<'_>) + Send + Sync + 'static,
        change: impl FnOnce(&mut PoolSettings),
    ) -> Self {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let log_streams: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, streams) = (Arc::clone(&lines), Arc::clone(&log_streams));
        let output = move |line: OutputLine<'_>| {
            streams.lock().unwrap().push(line.log_stream.to_owned());
            kept.lock().unwrap().push(format!("{:?} {}", line.stream, line.line));
            sink(line);
        };
        let mut settings_of_all = PoolSettings {
            address: SERVICE,
            region: "us-east-1".to_owned(),
            launcher: launcher(),
            output: Arc::new(output),
            tails: OutputTails::default(),
            clock: Arc::new(SystemClock::default()),
            bodies: ByteBudget::default(),
            max_processes: 100,
            metrics: ProcessMetrics::default(),
        };
        change(&mut settings_of_all);
        let pool = FunctionPool::new(settings_of_all).unwrap();
        pool.add(settings);
        Self { pool, lines, log_streams }
    }

    /// Starts a pool whose responses are read within this budget.
    pub(crate) fn start_within(settings: FunctionSettings, bodies: ByteBudget) -> Self {
        Self::start_all(settings, |_| {}, |all| all.bodies = bodies)
    }

    /// Starts a pool with a limit on the processes of all functions.
    pub(crate) fn start_with_processes(settings: FunctionSettings, max_processes: usize) -> Self {
        Self::start_all(settings, |_| {}, |all| all.max_processes = max_processes)
    }

    /// Invokes the guest with a task of [`guest`].
    pub(crate) async fn ask(&self, task: Value) -> Result<Value, InvocationFailure> {
        let answer = self.pool.invoke("guest", invocation(&task)).await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    pub(crate) async fn ask_for_error(&self, task: Value) -> ErrorObject {
        self.ask(task).await.unwrap_err().into_error()
    }

    /// Returns the process id of the guest.
    pub(crate) async fn process_id(&self) -> i64 {
        self.ask(json!({ "do": "echo" })).await.unwrap()["pid"].as_i64().unwrap()
    }

    /// Waits for a line with this prefix, and returns the number that follows the prefix.
    pub(crate) async fn number_printed(&self, beginning: &str) -> i64 {
        loop {
            let found = self.lines().iter().find_map(|line| line.strip_prefix(beginning)?.parse().ok());
            match found {
                Some(number) => return number,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

pub(crate) fn launcher() -> Launcher {
    let arguments = role::ARGUMENTS.into_iter().chain([role::LAUNCHER]).map(Into::into).collect();
    Launcher { program: role::program(), arguments }
}

/// Returns the settings of a function whose program is this test binary.
pub(crate) fn guest() -> FunctionSettings {
    let mut settings = FunctionSettings::new("guest", role::program());
    settings.arguments = role::ARGUMENTS.into_iter().map(Into::into).collect();
    settings.environment.insert(role::ROLE.to_owned(), "function".to_owned());
    settings.timeout = PATIENCE;
    settings
}

/// Returns the settings of a guest that does this instead of requesting an invocation.
pub(crate) fn guest_that_starts_with(what: &str) -> FunctionSettings {
    let mut settings = guest();
    settings.environment.insert(crate::guest::START.to_owned(), what.to_owned());
    settings
}

pub(crate) fn invocation(task: &Value) -> Invocation {
    Invocation {
        request_id: "r-1".to_owned(),
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:guest".to_owned(),
        tenant_id: Some("blue".to_owned()),
        client_context: Some("eyJjdXN0b20iOnsiYXBwIjoic2hvcCJ9fQ==".to_owned()),
        execution_arn: None,
        trace_id: Some("Root=1".to_owned()),
        event: Bytes::from(task.to_string()),
    }
}

/// Returns whether a process is running. Zombies are not.
pub(crate) fn is_running(process_id: i64) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process_id}/stat")) else {
        let id = rustix::process::Pid::from_raw(i32::try_from(process_id).unwrap()).unwrap();
        return !cfg!(target_os = "linux") && rustix::process::test_kill_process(id).is_ok();
    };
    let state = stat.rsplit(") ").next().unwrap();
    !state.starts_with('Z')
}

/// Waits until a process has exited, in real time because the operating system does not follow tokio's clock.
pub(crate) fn assert_ends(process_id: i64) {
    let start = Instant::now();
    while is_running(process_id) {
        assert!(start.elapsed() < PATIENCE, "process {process_id} still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}
