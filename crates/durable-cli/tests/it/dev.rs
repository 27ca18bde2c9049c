//! `durable dev`: a server until Ctrl-C or SIGTERM.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::client::request;
use crate::place::{Place, spawn};

#[test]
fn functions_are_served_until_ctrl_c() {
    functions_are_served_until(Signal::INT);
}

#[test]
fn functions_are_served_until_sigterm() {
    functions_are_served_until(Signal::TERM);
}

fn functions_are_served_until(signal: Signal) {
    let place = Place::new();
    let function = fs::read_to_string(place.path().join("order")).unwrap();
    place.script("order", &("echo $$ > pid\n".to_owned() + function.trim_start_matches("#!/bin/sh\n")));
    let mut child = spawn(place.durable(&["dev", "order", "--executable", "order", "--port", "0"]));
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let address = line.split(' ').find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');

    let url = format!("{address}/2015-03-31/functions/order:$LATEST/invocations");
    let answer = request("POST", &url, b"[1]");
    kill_process(Pid::from_child(&child), signal).unwrap();

    assert_eq!((answer.status, answer.json()), (200, json!({"shipped": [1]})));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("aws lambda invoke --function-name 'order:$LATEST'"), "{rest}");
    assert!(rest.ends_with("unfinished executions resume at the next start\n"), "{rest}");
    let folder = place.path().join(".durable");
    let mut left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        left,
        ["durable.sqlite3", "lock", "logs.sqlite3"],
        "files are closed, and the address is gone"
    );
    let function = fs::read_to_string(place.path().join("pid")).unwrap();
    assert!(!Path::new("/proc").join(function.trim()).exists(), "the function is stopped");
}
