//! The open file limits of the service and of its functions.

use std::fs;
use std::process::Command;

use crate::place::Place;
use crate::server::Server;

/// Runs the command under a low soft limit.
fn limited(place: &Place, arguments: &[&str]) -> Command {
    let durable = env!("CARGO_BIN_EXE_durable");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -Sn 256; exec \"$0\" \"$@\"", durable]).args(arguments);
    command.current_dir(place.path());
    command
}

/// Creates a place whose function records its soft limit.
fn place() -> Place {
    let place = Place::new();
    let function = fs::read_to_string(place.path().join("order")).unwrap();
    place.script("order", &("ulimit -Sn > limit\n".to_owned() + function.trim_start_matches("#!/bin/sh\n")));
    place
}

fn noted(place: &Place) -> String {
    fs::read_to_string(place.path().join("limit")).unwrap().trim().to_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn a_service_raises_its_open_file_limit_but_not_that_of_its_functions() {
    let server = Server::start_as(place(), limited);
    server.stdout(&["invoke", "order", "--input", "[1]"]);

    let lock = fs::read_to_string(server.place.path().join(".durable/lock")).unwrap();
    let process = lock.lines().next().unwrap();
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let files: Vec<&str> = files.split_whitespace().collect();
    assert_eq!(files[0], files[1], "soft and hard");
    assert_ne!(files[0], "256");
    assert_eq!(noted(&server.place), "256");
}

#[test]
fn a_run_does_not_change_the_open_file_limit_of_its_function() {
    let place = place();

    limited(&place, &["run", "order", "--executable", "order", "--input", "[1]"]).output().unwrap();

    assert_eq!(noted(&place), "256");
}
