//! No function outlives the service, however the service ends, and nothing that a function started.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use super::{Host, assert_ends, guest, is_running};
use crate::role;

/// The part of the service: one process works, another waits for one that it started, and one is idle, until the
/// service is killed.
pub(crate) fn host_until_killed() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start(guest());
        let (idle, ..) = tokio::join!(host.process_id(), host.process_id(), host.process_id());
        println!("process {idle}");
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

#[test]
fn functions_and_what_they_started_end_with_a_service_that_is_killed() {
    let mut service = role::command("function host").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let processes: Vec<i64> =
        lines.filter_map(|line| line.unwrap().strip_prefix("process ")?.parse().ok()).take(3).collect();
    assert!(processes.iter().all(|process| is_running(*process)), "{processes:?}");

    service.kill().unwrap();
    service.wait().unwrap();

    processes.into_iter().for_each(assert_ends);
}
