//! `durable run` that ends before its execution.

use std::io::{BufRead, BufReader};
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, shown, spawn, stderr, stdout};

/// Reads standard error up to a line with this prefix.
fn wait_for(child: &mut Child, beginning: &str) {
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with(beginning)), "it ended before `{beginning}`");
}

fn kill(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn an_execution_resumes_after_the_command_was_killed() {
    let place = Place::new();
    let arguments = ["--name", "a", "--input", r#"{"wait": 2}"#];
    let mut child = spawn(place.run(&arguments));
    wait_for(&mut child, "… wait settle until ");
    kill(&child, Signal::KILL);
    child.wait().unwrap();

    let output = place.run(&arguments).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "{\"shipped\":{\"wait\":2}}\n");
    assert_eq!(place.bodies(), ["reserve", "ship"]);
    let shown = shown(&output);
    assert_eq!(shown[..2], ["order: execution a, which already exists", "✓ step reserve"]);
    assert!(shown.ends_with(&["✓ wait settle".to_owned(), "✓ step ship".to_owned()]), "{shown:?}");
}

#[test]
fn ctrl_c_prints_how_to_resume() {
    a_signal_tells_how_to_resume(Signal::INT);
}

#[test]
fn sigterm_prints_how_to_resume() {
    a_signal_tells_how_to_resume(Signal::TERM);
}

fn a_signal_tells_how_to_resume(signal: Signal) {
    let place = Place::new();
    let mut child = spawn(place.run(&["--name", "a", "--input", r#"{"wait": 60}"#]));
    wait_for(&mut child, "… wait settle until ");

    kill(&child, signal);

    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let expected = "interrupted; nothing is lost; resume with: durable run order --name a --executable order";
    assert_eq!(shown(&output), [expected]);
}

#[test]
fn repeated_failures_end_the_command_but_not_the_execution() {
    let place = Place::new();

    let output = place.run(&["--name", "a", "--input", r#"{"crash in": "ship"}"#]).output().unwrap();

    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let last = stderr(&output).lines().last().unwrap().to_owned();
    assert!(last.starts_with("error: `order` failed repeatedly"), "{last}");
    assert!(last.contains("Runtime.ExitError"), "{last}");
    assert!(last.contains("resume with: durable run order --name a"), "{last}");
    assert_eq!(place.bodies(), ["reserve", "ship", "ship", "ship", "ship"]);
}

#[test]
fn an_execution_resumes_where_it_left_off_once_its_function_is_repaired() {
    let place = Place::new();
    let repaired = std::fs::read(place.path().join("order")).unwrap();
    place.script("order", "exit 3");
    let broken = place.run(&["--name", "a", "--input", "[1]"]).output().unwrap();
    std::fs::write(place.path().join("order"), repaired).unwrap();

    let output = place.run(&["--name", "a"]).output().unwrap();

    assert_eq!(broken.status.code(), Some(2));
    assert!(stderr(&broken).contains("exit status 3"), "{}", stderr(&broken));
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), "{\"shipped\":[1]}\n".to_owned()));
}
