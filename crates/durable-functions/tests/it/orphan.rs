//! No function outlives the service, however the service ends, and nothing that a function started.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::fixture::{Host, assert_ends, guest, is_running};
use crate::role;

/// The part of the service: one process is idle until a line is read, then it works, and another waits for one that
/// it started, until the service is killed.
pub(crate) fn host_until_killed() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(guest());
        println!("process {}", host.process_id().await);
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
            .await
            .unwrap()
            .unwrap();
        // They would notice by themselves that nobody answers them any more, were they not busy.
        let busy = async {
            println!("process {}", host.number_printed("Stdout hanging process ").await);
            println!("process {}", host.number_printed("Stdout child process ").await);
        };
        let (hanging, parent) = (json!({ "do": "hang" }), json!({ "do": "start a child and hang" }));
        let (failure, ..) = tokio::join!(host.ask(hanging), host.ask(parent), busy);
        panic!("the function ended before the service: {failure:?}");
    });
}

/// Kills a service after something was done to it, and waits for the end of all that it started.
fn assert_all_end(disturb: impl FnOnce(u32)) {
    let mut service =
        role::command("function host").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let mut processes =
        lines.filter_map(|line| line.unwrap().strip_prefix("process ")?.parse::<i64>().ok()).peekable();
    assert!(processes.peek().is_some());
    disturb(service.id());
    service.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let processes: Vec<i64> = processes.take(3).collect();
    assert!(processes.iter().all(|process| is_running(*process)), "{processes:?}");

    service.kill().unwrap();
    service.wait().unwrap();

    processes.into_iter().for_each(assert_ends);
}

#[test]
fn functions_and_what_they_started_end_with_a_service_that_is_killed() {
    assert_all_end(|_service| {});
}

#[test]
#[cfg(target_os = "linux")]
fn whoever_watches_over_functions_is_replaced() {
    assert_all_end(|service| {
        let watcher = children(service).into_iter().find(|child| {
            std::fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap().contains("keep-watch")
        });
        let watcher = watcher.unwrap();
        kill_process(Pid::from_raw(watcher).unwrap(), Signal::KILL).unwrap();
        // Until it is gone, it seems to take what it is told.
        assert_ends(watcher.into());
    });
}

#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<i32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let lists =
        threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("children")).unwrap());
    lists
        .flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<i32>>())
        .collect()
}
