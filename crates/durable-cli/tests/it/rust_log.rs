//! The spans and events of the service that `RUST_LOG` requests.

use crate::place::{Place, stderr, stdout};
use crate::running_dev::Dev;

#[test]
fn dev_shows_the_spans_of_the_service_on_request() {
    let place = Place::new();
    let mut command = place.durable(&["dev", "order", "--executable", "order", "--port", "0"]);
    command.env("RUST_LOG", "durable::=debug");
    let mut dev = Dev::start_as(command);

    assert_eq!(dev.invoke("order:$LATEST").status, 200);

    let spans = ["process", "command", "commit", "invocation"].map(|span| format!("durable::{span}: close"));
    let mut missing = Vec::from(spans);
    missing.push("operation=\"InvokeFunction\"".to_owned());
    let mut request = String::new();
    // The spans of one invocation end in any order.
    while !missing.is_empty() {
        let line = dev.wait_for(": close").pop().unwrap();
        assert!(line.contains(" DEBUG "), "{line}");
        missing.retain(|text| !line.contains(text));
        if line.contains("operation=\"InvokeFunction\"") {
            request = line;
        }
    }
    assert!(request.contains("DEBUG request{method=POST path=\"/2015-03-31/functions/order:"), "{request}");
    assert!(request.contains("status=200 duration_ms="), "{request}");
    assert!(request.contains("durable::request: close"), "{request}");
}

#[test]
fn run_shows_the_spans_of_the_service_on_request() {
    let place = Place::new();

    let output = place.run(&["--input", "[1]"]).env("RUST_LOG", "durable::command=debug").output().unwrap();

    let shown = stderr(&output);
    assert_eq!(stdout(&output), "{\"shipped\":[1]}\n");
    let start = shown.lines().find(|line| line.contains("command{command=\"start\"")).unwrap();
    assert!(start.contains("execution=\"arn:") && start.contains("duration_ms="), "{start}");
    assert!(!shown.contains("durable::commit: close"), "{shown}");
}

#[test]
fn a_filter_that_only_functions_understand_is_reported() {
    let place = Place::new();

    let output = place.run(&["--input", "[1]"]).env("RUST_LOG", "order[{item=1}]=debug").output().unwrap();

    assert_eq!(stdout(&output), "{\"shipped\":[1]}\n");
    assert!(
        stderr(&output).starts_with("warning: RUST_LOG does not apply to the service"),
        "{}",
        stderr(&output)
    );
}
