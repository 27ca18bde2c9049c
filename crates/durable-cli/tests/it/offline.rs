//! How commands select a service, and what they read without one.

use std::fs;

use rusqlite::Connection;

use crate::place::{Place, stderr, stdout};
use crate::server::Server;

#[test]
fn offline_commands_read_the_record_of_a_run() {
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
fn offline_commands_use_the_service_on_the_folder_if_it_runs() {
    let server = Server::start();
    server.start_execution("one", "[1]");

    assert!(server.stdout(&["list", "--offline"]).contains("one"));
}

#[test]
fn offline_commands_reject_a_missing_folder() {
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
fn commands_do_not_fall_back_to_the_service_of_another_folder() {
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
fn offline_commands_do_not_delete_expired_executions() {
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
