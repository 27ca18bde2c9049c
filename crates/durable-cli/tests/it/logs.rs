//! `durable logs`: the output of functions.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::place::spawn;
use crate::server::Server;

/// Returns the lines of the function, without those of its test harness.
fn meant(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains("came") || line.contains("words"));
    lines.map(|line| line.split_once("  ").unwrap().1.to_owned()).collect()
}

#[test]
fn lines_are_attributed_to_their_execution_regardless_of_their_format() {
    let server = Server::start();
    for name in ["one", "two"] {
        server.stdout(&["invoke", "order", "--name", name, "--input", "[1]"]);
    }
    let arn = server.json(&["show", "two", "--json"])["Execution"]["DurableExecutionArn"].clone();

    let all = meant(&server.stdout(&["logs", "--function", "order"]));
    let two = server.stdout(&["logs", "two", "--json"]);

    assert_eq!(all.len(), 4, "{all:?}");
    let two: Vec<Value> = two.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<_> = two.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert!(messages.contains(&"plain words"), "{messages:?}");
    assert_eq!(messages.len(), 2, "those of its warm process before it are not its own: {messages:?}");
    assert!(two.iter().all(|line| line["durableExecutionArn"] == arn && line["requestId"].is_string()));
}

#[test]
fn lines_survive_a_restart_and_are_found_by_time() {
    let server = Server::start();
    server.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let before = meant(&server.stdout(&["logs", "one"]));

    let server = server.restart();

    assert_eq!(meant(&server.stdout(&["logs", "one"])), before);
    assert_eq!(meant(&server.stdout(&["logs", "--since", "1h"])).len(), 2);
    assert_eq!(server.stdout(&["logs", "--since", "2100-01-01T00:00:00Z"]), "");
}

#[test]
fn follow_prints_new_lines_until_ctrl_c() {
    let server = Server::start();
    let mut child = spawn(server.place.durable(&["logs", "--function", "order", "--follow"]));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    server.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let seen = lines.find(|line| line.as_ref().unwrap().ends_with("  plain words"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();

    assert!(seen.is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn follow_ends_when_its_reader_closes_the_pipe() {
    let server = Server::start();
    let mut child = spawn(server.place.durable(&["logs", "--function", "order", "--follow"]));
    server.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();

    drop(lines);
    server.stdout(&["invoke", "order", "--name", "two", "--input", "[1]"]);

    let ended = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        child.try_wait().unwrap()
    });
    let _ = child.kill();
    assert_eq!(ended.expect("it goes on for nobody").code(), Some(0));
}

#[test]
fn the_logs_of_an_execution_without_lines_are_empty() {
    let server = Server::start();
    let arn = server.start_execution("one", "[1]").replace("one/", "other/");

    assert_eq!(server.stdout(&["logs", &arn]), "");
    assert_eq!(server.durable(&["logs", "--function", "unknown"]).status.code(), Some(3));
    assert_eq!(json!(server.durable(&["logs", "unknown"]).status.code()), json!(3));
}
