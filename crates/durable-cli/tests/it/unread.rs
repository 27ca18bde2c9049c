//! `durable dev` and `durable run` while their output is not read.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::request;
use crate::place::{Place, spawn, stderr, stdout};

/// A time limit that no step exceeds even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Creates a place whose function prints 8 MB before it serves, far more than a pipe and the queues hold.
fn place() -> Place {
    let place = Place::new();
    let function = fs::read_to_string(place.path().join("order")).unwrap();
    let prints = "yes durable | head -c 8000000\n".to_owned();
    place.script("order", &(prints + function.trim_start_matches("#!/bin/sh\n")));
    place
}

/// A process that is killed when a test fails.
struct Killed(Child);

impl Killed {
    fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the command does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `durable dev`. Its output after the address is not read.
fn serve(place: &Place) -> (Killed, BufReader<ChildStderr>, String) {
    let mut child = spawn(place.durable(&["dev", "order", "--executable", "order", "--port", "0"]));
    let mut unread = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    unread.read_line(&mut line).unwrap();
    let address = line.split(' ').find(|word| word.starts_with("http://")).unwrap();
    let address = address.trim_end_matches(',').to_owned();
    (Killed(child), unread, address)
}

fn a_server_that_nobody_reads_serves_until(signal: Signal) {
    let place = place();
    let (mut server, unread, address) = serve(&place);

    let invoke = |name: &str| place.durable(&["invoke", "order", "--name", name, "--input", "[1]"]).output();
    let (first, second) = (invoke("one").unwrap(), invoke("two").unwrap());
    let health = request("GET", &format!("{address}/health"), b"");
    kill_process(Pid::from_child(&server.0), signal).unwrap();
    let status = server.end();

    for output in [first, second] {
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output), "{\"shipped\":[1]}\n");
    }
    assert_eq!((health.status, status.code()), (200, Some(0)));
    drop(unread);
}

#[test]
fn a_server_whose_output_is_not_read_serves_until_ctrl_c() {
    a_server_that_nobody_reads_serves_until(Signal::INT);
}

#[test]
fn a_server_whose_output_is_not_read_serves_until_sigterm() {
    a_server_that_nobody_reads_serves_until(Signal::TERM);
}

#[test]
fn a_server_whose_output_is_read_late_reports_dropped_lines() {
    let place = place();
    let (mut server, mut unread, _) = serve(&place);
    let output = place.durable(&["invoke", "order", "--name", "one", "--input", "[1]"]).output().unwrap();
    kill_process(Pid::from_child(&server.0), Signal::INT).unwrap();

    let mut late = Vec::new();
    unread.read_to_end(&mut late).unwrap();
    let status = server.end();

    assert_eq!((output.status.code(), status.code()), (Some(0), Some(0)), "{}", stderr(&output));
    let late = String::from_utf8(late).unwrap();
    let lines: Vec<&str> = late.lines().collect();
    assert!(
        lines.iter().any(|line| line.contains("dropped") && line.contains(" lines because")),
        "{}",
        lines.len()
    );
    assert_eq!(lines.last(), Some(&"stopping; unfinished executions resume at the next start"));
}

#[test]
fn a_run_whose_output_is_not_read_ends_when_interrupted() {
    let place = place();
    let mut child = spawn(place.run(&["--name", "a", "--input", r#"{"wait": 1000}"#]));
    let unread = child.stderr.take().unwrap();
    let mut run = Killed(child);
    let start = Instant::now();
    while place.bodies().is_empty() {
        assert!(start.elapsed() < PATIENCE, "the execution does not start");
        std::thread::sleep(Duration::from_millis(20));
    }

    kill_process(Pid::from_child(&run.0), Signal::INT).unwrap();

    assert_eq!(run.end().code(), Some(130));
    drop(unread);
}

#[test]
fn a_run_whose_output_is_read_late_prints_its_result_last() {
    let place = place();
    let mut command = place.run(&["--name", "a", "--input", "[1]"]);
    let (mut reader, writer) = std::io::pipe().unwrap();
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut run = Killed(command.spawn().unwrap());
    drop(command);
    let start = Instant::now();
    while place.bodies().len() < 2 {
        assert!(start.elapsed() < PATIENCE, "the execution does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Longer than the limit for the last lines of an interrupted command.
    std::thread::sleep(Duration::from_millis(1_500));

    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();

    assert_eq!(run.end().code(), Some(0));
    assert!(text.contains("\n✓ step ship\n"), "{}", text.len());
    assert_eq!(text.lines().last(), Some(r#"{"shipped":[1]}"#));
}
