//! How `durable.toml` and the command line select functions.

use std::fs;
use std::io::{BufRead, BufReader};

use crate::place::{Place, spawn, stderr, stdout};

fn configured(text: &str) -> Place {
    let place = Place::new();
    fs::write(place.path().join("durable.toml"), text).unwrap();
    place
}

#[test]
fn a_function_of_the_file_runs_by_name() {
    let place = configured("[functions.order]\ncommand = [\"./order\"]\n");

    let output = place.durable(&["run", "order", "--input", "[1]"]).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "{\"shipped\":[1]}\n");
}

#[test]
fn options_that_contradict_the_file_are_rejected() {
    let place = configured("[functions.order]\ncommand = [\"./order\"]\n");

    let output = place.durable(&["run", "order", "--timeout", "3"]).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: --timeout does not apply to `order`, which is defined in durable.toml; change its definition there\n"
    );
}

#[test]
fn an_unknown_name_is_reported_with_those_of_the_file_and_the_workspace() {
    let place = configured("[functions.report]\ncommand = [\"./order\"]\n");
    let manifest = "[package]\nname = \"shop\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    fs::write(place.path().join("src/main.rs"), "fn main() {}").unwrap();

    let output = place.durable(&["run", "reprot"]).output().unwrap();

    assert_eq!(stderr(&output), "error: unknown function `reprot`; available: report, shop\n");
}

#[test]
fn the_data_folder_of_the_file_applies_to_functions_of_the_command_line() {
    let place = configured("[service]\nfolder = \"data\"\n");

    let output = place.run(&["--name", "one", "--input", "[1]"]).output().unwrap();
    let listed = place.durable(&["list", "--offline"]).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&listed).contains("one"), "{}", stderr(&listed));
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn a_missing_program_or_folder_is_reported_before_anything_is_served() {
    for (text, expected) in [
        ("command = [\"./missing\"]", "/./missing` not found; build it or check the path\n"),
        ("command = [\"no-such-program\"]", "program `no-such-program` not found in PATH"),
        ("command = [\"./order\"]\nfolder = \"nowhere\"", "nowhere` does not exist"),
    ] {
        let place = configured(&format!("[functions.order]\n{text}\n"));

        let output = place.durable(&["dev", "--port", "0"]).output().unwrap();

        assert_eq!(output.status.code(), Some(2), "{text}");
        let error = stderr(&output);
        assert!(error.starts_with("error: the function `order` cannot be started: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn failed_invocations_are_reported_by_the_server() {
    let place = Place::new();
    place.script("broken", "exit 3");
    let mut child = spawn(place.durable(&["dev", "broken", "--executable", "broken", "--port", "0"]));
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    lines.find(|line| line.starts_with("serving")).unwrap();

    place.durable(&["invoke", "broken", "--detach", "--name", "one"]).output().unwrap();
    let line = lines.find(|line| line.contains("failed")).unwrap();
    let shown = place.durable(&["show", "one"]).output().unwrap();
    let _ = child.kill();
    child.wait().unwrap();

    assert!(line.contains("broken: an invocation of one failed: Runtime.ExitError"), "{line}");
    let shown = stdout(&shown);
    assert!(shown.contains("the last invocation failed and will be retried: Runtime."), "{shown}");
}
