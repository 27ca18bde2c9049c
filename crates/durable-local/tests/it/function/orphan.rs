//! No function outlives the service, however the service ends.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use durable_local::function::Lifeline;
use serde_json::json;

use super::{Host, assert_ends, guest, is_running};
use crate::role;

const LIFELINE: &str = "DURABLE_TEST_LIFELINE";

/// The part of the service: one process works and one is idle, until the service is killed.
pub(crate) fn host_until_killed() {
    let lifeline = match std::env::var(LIFELINE).as_deref() {
        Ok("pipe") => Lifeline::Pipe,
        _ => Lifeline::default(),
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let host = Host::start_with(guest(), lifeline);
        let (idle, _) = tokio::join!(host.process_id(), host.process_id());
        println!("function process {idle}");
        // It would notice by itself that nobody answers it any more, were it not busy.
        let busy =
            async { println!("function process {}", host.number_printed("Stdout hanging process ").await) };
        let (failure, ()) = tokio::join!(host.ask(json!({ "do": "hang" })), busy);
        panic!("the function ended before the service: {failure:?}");
    });
}

#[test]
fn functions_end_with_a_service_that_is_killed() {
    for lifeline in ["default", "pipe"] {
        let mut service =
            role::command("function host").env(LIFELINE, lifeline).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(service.stdout.take().unwrap()).lines();
        let functions: Vec<i64> = lines
            .filter_map(|line| line.unwrap().strip_prefix("function process ")?.parse().ok())
            .take(2)
            .collect();
        assert!(functions.iter().all(|function| is_running(*function)), "{functions:?}");

        service.kill().unwrap();
        service.wait().unwrap();

        functions.into_iter().for_each(assert_ends);
    }
}
