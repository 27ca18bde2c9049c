//! `durable export` and `durable import`: an execution as a file.

use std::fs;

use serde_json::Value;

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

#[test]
fn an_imported_execution_is_shown_like_the_original() {
    let (first, second) = (Server::start(), Server::start());
    first.stdout(&["invoke", "order", "--name", "one", "--input", r#"{"id": 7, "wait": 1}"#]);
    let file = first.place.path().join("one.json");
    let file = file.to_str().unwrap();

    first.stdout(&["export", "one", "--output", file]);
    let imported = second.stdout(&["import", file]);
    let again = second.durable(&["import", file]);

    for command in [["show", "one"], ["history", "one"], ["logs", "one"]] {
        assert_eq!(second.stdout(&command), first.stdout(&command), "{command:?}");
    }
    let json = |server: &Server| server.json(&["show", "one", "--json"]);
    assert_eq!(json(&second), json(&first));
    assert_eq!(imported.trim(), json(&first)["Execution"]["DurableExecutionArn"]);
    assert_eq!(again.status.code(), Some(5));
    assert!(
        stderr(&again).contains("function order already has an execution named one"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn a_file_is_shown_without_a_service() {
    let server = Server::start();
    server.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let file = server.place.path().join("one.json");
    fs::write(&file, server.stdout(&["export", "one"])).unwrap();
    let elsewhere = Place::new();
    let from = ["--from", file.to_str().unwrap()];
    let shown = |command: &str| {
        let output = elsewhere.durable(&[&[command], from.as_slice()].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };

    assert_eq!(shown("show"), server.stdout(&["show", "one"]));
    assert_eq!(shown("history"), server.stdout(&["history", "one"]));
}

#[test]
fn an_imported_execution_never_runs() {
    let (first, second) = (Server::start(), Server::start());
    first.start_execution("slow", r#"{"wait": 1}"#);
    let file = first.place.path().join("slow.json");
    let file = file.to_str().unwrap();
    first.stdout(&["pause", "slow"]);
    first.wait_for("slow", "PAUSED");
    first.stdout(&["export", "slow", "-o", file]);
    second.stdout(&["import", file]);

    let second = second.restart();
    let stopped = second.durable(&["stop", "slow"]);
    let resumed = second.durable(&["resume", "slow"]);

    for refused in [stopped, resumed] {
        assert_eq!(refused.status.code(), Some(5), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("was imported and never runs here"), "{}", stderr(&refused));
    }
    assert_eq!(second.json(&["show", "slow", "--json"])["Execution"]["Status"], "PAUSED");
    assert_eq!(second.place.bodies(), [""; 0]);
}

#[test]
fn a_file_that_is_not_an_export_is_rejected() {
    let place = Place::new();
    let refusal = |text: &str| {
        fs::write(place.path().join("file.json"), text).unwrap();
        let output = place.durable(&["import", "file.json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };

    assert!(refusal("{}").contains("is not an export of an execution"));
    assert!(refusal("no JSON").contains("is not an export of an execution"));
    assert!(refusal(r#"{"durable_export": 99}"#).contains("a later version of durable"));
    let aws = r#"{"durable_export": 1, "execution": {}, "events": []}"#;
    assert!(refusal(aws).contains("durable show --from"), "{}", refusal(aws));
}

#[test]
fn an_inconsistent_record_is_rejected() {
    let (first, second) = (Server::start(), Server::start());
    first.stdout(&["invoke", "order", "--name", "one", "--input", "[1]"]);
    let mut export: Value = serde_json::from_str(&first.stdout(&["export", "one"])).unwrap();
    export["record"]["events"].as_array_mut().unwrap().remove(0);
    let file = second.place.path().join("one.json");
    fs::write(&file, export.to_string()).unwrap();

    let output = second.durable(&["import", "one.json"]);

    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("the record is invalid"), "{}", stderr(&output));
    assert_eq!(second.stdout(&["list"]), "no executions\n");
}
