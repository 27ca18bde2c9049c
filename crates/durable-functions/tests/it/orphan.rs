//! Neither functions nor their descendants outlive the service, however it ends.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

#[cfg(target_os = "linux")]
use crate::fixture::PATIENCE;
use crate::fixture::{Host, assert_ends, guest, is_running};
use crate::role;

/// Runs the service until it is killed. One process is idle until a line is read and busy afterwards, and another one
/// waits for its child.
pub(crate) fn host_until_killed() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(guest());
        println!("process {}", host.process_id().await);
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
            .await
            .unwrap()
            .unwrap();
        // Idle processes exit by themselves when their connection closes, so both are kept busy.
        let busy = async {
            println!("process {}", host.number_printed("Stdout hanging process ").await);
            println!("process {}", host.number_printed("Stdout child process ").await);
        };
        let (hanging, parent) = (json!({ "do": "hang" }), json!({ "do": "start a child and hang" }));
        let (failure, ..) = tokio::join!(host.ask(hanging), host.ask(parent), busy);
        panic!("the function ended before the service: {failure:?}");
    });
}

/// A service with one function, whose processes and their descendants are running.
struct Service {
    service: Child,
    processes: Vec<i64>,
}

impl Service {
    fn start() -> Self {
        let mut service =
            role::command("function host").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(service.stdout.take().unwrap()).lines();
        let mut processes =
            lines.filter_map(|line| line.unwrap().strip_prefix("process ")?.parse::<i64>().ok()).peekable();
        assert!(processes.peek().is_some());
        service.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        let processes: Vec<i64> = processes.take(3).collect();
        assert!(processes.iter().all(|process| is_running(*process)), "{processes:?}");
        Self { service, processes }
    }

    /// Returns the process ids of the watchers.
    #[cfg(target_os = "linux")]
    fn watchers(&self) -> Vec<i32> {
        let is_watcher = |child: &i32| {
            let command_line = std::fs::read_to_string(format!("/proc/{child}/cmdline"));
            is_running((*child).into()) && command_line.is_ok_and(|line| line.contains("keep-watch"))
        };
        children(self.service.id()).into_iter().filter(is_watcher).collect()
    }

    /// Kills the service, and asserts that all processes exit.
    fn assert_all_end(mut self) {
        self.service.kill().unwrap();
        self.service.wait().unwrap();

        self.processes.iter().copied().for_each(assert_ends);
    }
}

#[test]
fn functions_and_what_they_started_end_with_a_service_that_is_killed() {
    Service::start().assert_all_end();
}

#[test]
#[cfg(target_os = "linux")]
fn functions_end_with_a_service_that_is_killed_just_after_a_watcher() {
    let service = Service::start();

    kill(service.watchers()[0]);

    service.assert_all_end();
}

#[test]
#[cfg(target_os = "linux")]
fn watchers_that_are_killed_are_replaced_although_no_function_starts_or_ends() {
    let service = Service::start();
    let first = service.watchers();

    for watcher in &first {
        kill(*watcher);
        let start = Instant::now();
        while service.watchers().len() < first.len() {
            assert!(start.elapsed() < PATIENCE, "watcher {watcher} is not replaced");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    let replacements = service.watchers();
    assert!(replacements.iter().all(|watcher| !first.contains(watcher)), "{first:?} {replacements:?}");
    service.assert_all_end();
}

/// Kills a process and waits until it has exited.
#[cfg(target_os = "linux")]
fn kill(process: i32) {
    kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    assert_ends(process.into());
}

#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<i32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    // Threads may exit meanwhile.
    let lists =
        threads.filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<i32>>())
        .collect()
}
