//! How commands select a service, and what they read without one.

use std::fs;

use rusqlite::Connection;

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

#[test]
fn what_a_run_recorded_can_be_looked_at_without_a_service() {
    let place = Place::new();
    let run = place.run(&["--name", "one", "--input", "[1]"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));

    let refused = place.durable(&["show", "one"]).output().unwrap();
    let offline = |arguments: &[&str]| {
        let output = place.durable(arguments).arg("--offline").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };

    assert_eq!(refused.status.code(), Some(4));
    let refused = stderr(&refused);
    assert!(
        refused.starts_with("error: no service runs on the data folder `.durable`; start one"),
        "{refused}"
    );
    assert!(offline(&["list", "order"]).contains("one"));
    assert!(offline(&["show", "one"]).starts_with("one  SUCCEEDED"));
    assert!(offline(&["history", "one"]).contains("ExecutionSucceeded"));
    assert!(!offline(&["logs", "one"]).is_empty());
    offline(&["export", "one", "-o", "one.json"]);
    assert!(place.path().join("one.json").exists());
}

#[test]
fn looking_offline_asks_the_service_that_has_the_folder() {
    let server = Server::start();
    server.start_execution("one", "[1]");

    assert!(server.told(&["list", "--offline"]).contains("one"));
}

#[test]
fn a_folder_that_is_not_there_cannot_be_looked_into() {
    let place = Place::new();

    let output = place.durable(&["list", "--offline", "--folder", "data"]).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: the data folder `data` does not exist; specify another one with --folder\n"
    );
    assert!(!place.path().join("data").exists());
}

#[test]
fn the_service_of_another_folder_is_not_asked_in_place_of_one_that_does_not_run() {
    let server = Server::start();
    let port = server.endpoint.rsplit(':').next().unwrap();
    let place = Place::new();
    fs::write(place.path().join("durable.toml"), format!("[service]\nport = {port}\n")).unwrap();

    let without_folder = place.durable(&["list"]).output().unwrap();
    fs::create_dir(place.path().join(".durable")).unwrap();
    let with_folder = place.durable(&["list"]).output().unwrap();

    assert_eq!(without_folder.status.code(), Some(0), "{}", stderr(&without_folder));
    assert_eq!(with_folder.status.code(), Some(4), "{}", stdout(&with_folder));
}

#[test]
fn whoever_only_looks_deletes_nothing_that_has_expired() {
    let place = Place::new();
    let run = place.run(&["--name", "old", "--input", "[1]"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let database = || Connection::open(place.path().join(".durable/durable.sqlite3")).unwrap();
    assert_eq!(database().execute("UPDATE executions SET expires_at = 1", []).unwrap(), 1);

    for command in [["list", "order"], ["show", "old"], ["history", "old"]] {
        let output = place.durable(&command).arg("--offline").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    assert_eq!(database().query_row("SELECT count(*) FROM executions", [], count).unwrap(), 1);
}
