//! `durable backup` copies the record while a service runs, and a service on the copy resumes its executions.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::place::{Place, spawn, stderr, stdout};
use crate::server::Server;

#[test]
fn a_service_on_a_restored_backup_resumes_its_executions() {
    let server = Server::start();
    server.start_execution("done", "[1]");
    server.wait_for("done", "SUCCEEDED");
    server.start_execution("open", r#"{"callback": true}"#);
    let started = |server: &Server| server.stdout(&["history", "open"]).contains("CallbackStarted");
    while !started(&server) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    let backup = server.durable(&["backup", "all.sqlite3"]);
    assert_eq!(backup.status.code(), Some(0), "{}", stderr(&backup));
    assert!(stderr(&backup).starts_with("wrote all.sqlite3; it contains"), "{}", stderr(&backup));
    let place = Place::new();
    fs::create_dir(place.path().join(".durable")).unwrap();
    let restored = place.path().join(".durable/durable.sqlite3");
    fs::copy(server.place.path().join("all.sqlite3"), &restored).unwrap();
    assert_eq!(fs::metadata(&restored).unwrap().permissions().mode() & 0o777, 0o600);
    drop(server);
    let server = Server::start_in(place);

    let history = server.json(&["history", "open", "--json"]);
    let callback = history["Events"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|event| event["CallbackStartedDetails"]["CallbackId"].as_str().map(str::to_owned));
    server.stdout(&["callback", "succeed", &callback.unwrap(), "--result", "7"]);
    let shown = server.wait_for("open", "SUCCEEDED");
    assert_eq!(shown["Execution"]["Result"], json!("7"));
    assert!(server.stdout(&["list", "order"]).contains("done"));
}

#[test]
fn a_backup_replaces_a_file_only_on_request() {
    let place = Place::new();
    let run = place.run(&["--name", "one", "--input", "[1]"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let backup = |arguments: &[&str]| place.durable(&["backup", "all"]).args(arguments).output().unwrap();

    let [first, second, forced] = [&[][..], &[], &["--force"]].map(backup);

    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert_eq!(second.status.code(), Some(2));
    let refused = "error: `all` exists; choose another file, or replace it with --force\n";
    assert_eq!(stderr(&second), refused);
    assert_eq!(forced.status.code(), Some(0), "{}", stderr(&forced));
}

#[test]
fn a_backup_does_not_create_a_missing_record() {
    let place = Place::new();

    let refused = place.durable(&["backup", "all"]).output().unwrap();

    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        stderr(&refused),
        "error: there is no record in the data folder `.durable`; specify another folder with --folder\n"
    );
    assert!(!place.path().join(".durable").exists());
    assert!(!place.path().join("all").exists());
}

#[test]
fn the_help_of_backup_describes_the_contents_of_the_file() {
    let help = stdout(&Place::new().durable(&["backup", "--help"]).output().unwrap());

    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("all inputs, results and errors in plain text"), "{help}");
    assert!(help.contains("the secret seeds of the executions"), "{help}");
}

#[test]
fn an_interrupted_service_records_that_it_closed_the_database() {
    let server = Server::start();
    let lock = server.place.path().join(".durable/lock");
    let in_use = fs::read_to_string(&lock).unwrap();

    let place = server.interrupt();

    let closed = fs::read_to_string(place.path().join(".durable/lock")).unwrap();
    assert!(in_use.contains("\nopened "), "{in_use}");
    assert!(closed.contains("\nclosed "), "{closed}");
}

#[test]
fn an_interrupted_backup_leaves_nothing() {
    let place = Place::new();
    let run = place.run(&["--name", "one", "--input", "[1]"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let record = Connection::open(place.path().join(".durable/durable.sqlite3")).unwrap();
    // 100 MB, which take some time to copy.
    let grow = "WITH RECURSIVE numbers (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM numbers LIMIT 20000)
        INSERT INTO event_blocks SELECT 1, n, 1, zeroblob(5000) FROM numbers";
    record.execute(grow, []).unwrap();
    record.close().unwrap();
    let target = place.path().join("target");
    fs::create_dir(&target).unwrap();
    let files = || fs::read_dir(&target).unwrap().count();

    for signal in [Signal::INT, Signal::TERM] {
        let mut backup = spawn(place.durable(&["backup", "target/all"]));
        while files() < 2 {
            assert!(backup.try_wait().unwrap().is_none(), "it has ended already");
        }
        kill_process(Pid::from_child(&backup), signal).unwrap();
        let cancelled = backup.wait_with_output().unwrap();

        assert_eq!(cancelled.status.code(), Some(130));
        assert_eq!(stderr(&cancelled), "error: the backup was cancelled; no file was written\n");
        assert_eq!(files(), 0);
    }
}
