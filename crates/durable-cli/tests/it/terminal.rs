//! Output of functions and clients cannot control the terminal of the user.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

/// Clears the screen, rings the bell, starts a C1 sequence, deletes, and reverses the text direction.
const HOSTILE: &str = "a\u{1b}[2J\u{7}\u{9b}\u{7f}\u{202e}z";
const VISIBLE: &str = r"a\x1b[2J\x07\x9b\x7f\u{202e}z";

fn hostile(text: &str) -> bool {
    text.contains(|character: char| {
        (character.is_control() && character != '\n' && character != '\t') || character == '\u{202e}'
    })
}

/// Creates a place whose function prints control characters before it serves.
fn place() -> Place {
    let place = Place::new();
    let function = std::fs::read_to_string(place.path().join("order")).unwrap();
    let prints = format!("printf '%s came\\n' '{HOSTILE}'\n");
    place.script("order", &(prints + function.trim_start_matches("#!/bin/sh\n")));
    place
}

fn failing() -> String {
    json!({ "fail": HOSTILE }).to_string()
}

/// Returns what a command writes to a terminal as its standard output.
fn shown_on_terminal(mut command: Command) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    command.stdout(Stdio::from(screen)).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(command);
    let (mut text, mut terminal) = (Vec::new(), File::from(terminal));
    // Reading fails once no process has the terminal open.
    let _ = terminal.read_to_end(&mut text);
    child.wait().unwrap();
    // A terminal receives a carriage return with each line break.
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}

#[test]
fn human_readable_output_escapes_control_characters() {
    let server = Server::start_in(place());
    let failed = server.durable(&["invoke", "order", "--name", "bad", "--tail", "--input", &failing()]);

    for arguments in [&["show", "bad"][..], &["history", "bad"], &["logs", "--function", "order"]] {
        let text = server.stdout(arguments);

        assert!(text.contains(VISIBLE) && !hostile(&text), "{arguments:?}: {text:?}");
    }
    assert!(stderr(&failed).contains(&format!("PaymentError: {VISIBLE}")), "{:?}", stderr(&failed));
    assert!(!hostile(&stderr(&failed)), "{:?}", stderr(&failed));
}

#[test]
fn a_run_escapes_control_characters_of_its_function() {
    let output = place().run(&["--input", &failing()]).output().unwrap();

    let text = stderr(&output);
    assert!(text.contains(&format!("  | {VISIBLE} came")), "{text:?}");
    assert!(text.contains(&format!("PaymentError: {VISIBLE}")) && !hostile(&text), "{text:?}");
}

#[test]
fn data_is_unchanged_in_a_pipe() {
    let server = Server::start_in(place());
    let input = json!({ "id": HOSTILE });

    let result = server.stdout(&["invoke", "order", "--name", "one", "--input", &input.to_string()]);
    let logs = server.stdout(&["logs", "one", "--json"]);
    let shown = server.stdout(&["show", "one", "--json"]);

    assert_eq!(result, format!("{}\n", json!({ "shipped": input })));
    assert!(logs.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{logs:?}");
    assert!(shown.contains('\u{202e}') && shown.contains('\u{9b}'), "{shown:?}");
}

#[test]
fn data_on_a_terminal_contains_no_control_characters() {
    let server = Server::start_in(place());
    let input = json!({ "id": HOSTILE });
    server.stdout(&["invoke", "order", "--name", "one", "--input", &input.to_string()]);
    let in_a_pipe = server.json(&["show", "one", "--json"]);

    let again = ["invoke", "order", "--name", "one", "--input", &input.to_string()];
    let result = shown_on_terminal(server.place.durable(&again));
    let json = shown_on_terminal(server.place.durable(&["show", "one", "--json"]));
    let export = shown_on_terminal(server.place.durable(&["export", "one"]));
    let human = shown_on_terminal(server.place.durable(&["show", "one"]));

    assert!(result.contains(r"\x9b") && !hostile(&result), "{result:?}");
    assert!(!hostile(&json) && !hostile(&export), "{json:?}");
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), in_a_pipe, "the same value");
    assert_eq!(serde_json::from_str::<Value>(&export).unwrap()["execution"], in_a_pipe["Execution"]);
    let colours = human.replace("\u{1b}[", "");
    assert!(human.contains("\u{1b}[32m") && !hostile(&colours), "{human:?}");
}

#[test]
fn error_messages_escape_control_characters() {
    let place = Place::new();

    let output = place.durable(&["run", HOSTILE, "--executable", HOSTILE]).output().unwrap();

    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains(VISIBLE) && !hostile(&stderr(&output)), "{:?}", stderr(&output));
}
