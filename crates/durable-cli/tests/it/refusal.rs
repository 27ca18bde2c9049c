//! Commands that are rejected before anything starts.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use rusqlite::Connection;

use crate::place::{Place, stderr, stdout};

/// Runs a command that must fail, and returns its only line.
fn refusal(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    stderr(&output)
}

#[test]
fn an_input_that_is_not_json_is_rejected_before_anything_starts() {
    let place = Place::new();

    let error = refusal(place.run(&["--input", "order.jsn"]));

    assert!(
        error.starts_with("error: --input: `order.jsn` is neither a file that exists nor JSON"),
        "{error}"
    );
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn an_otlp_endpoint_that_is_no_url_of_http_is_rejected() {
    let place = Place::new();

    let error = refusal(place.run(&["--otlp", "localhost:4318"]));

    let expected = "error: invalid value 'localhost:4318' for '--otlp <URL>': `localhost:4318` is not the URL of an \
                    OTLP endpoint, such as http://localhost:4318\n";
    assert!(error.starts_with(expected), "{error}");
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn a_missing_program_is_rejected_before_anything_starts() {
    let place = Place::new();

    let error = refusal(place.durable(&["run", "order", "--executable", "missing/order"]));

    let expected = "error: --executable: program `missing/order` not found; build it or check the path\n";
    assert_eq!(error, expected);
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn a_program_that_cannot_run_is_reported() {
    let place = Place::new();
    fs::write(place.path().join("text"), "no program").unwrap();

    let error = refusal(place.durable(&["run", "order", "--executable", "text"]));

    assert!(error.contains("Runtime.InvalidEntrypoint"), "{error}");
    assert!(error.contains("cannot start"), "{error}");
}

#[test]
fn a_build_outside_a_workspace_is_rejected() {
    let place = Place::new();

    let error = refusal(place.durable(&["run", "order"]));

    assert!(error.starts_with("error: no cargo workspace found to build `order`"), "{error}");
}

#[test]
fn an_unknown_function_is_reported_with_the_available_ones() {
    let place = Place::new();
    let manifest = "[package]\nname = \"shop\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    fs::write(place.path().join("src/main.rs"), "fn main() {}").unwrap();

    let error = refusal(place.durable(&["run", "shopp"]));

    assert_eq!(error, "error: unknown function `shopp`; available: shop\n");
}

#[test]
fn a_function_that_does_not_compile_is_not_run() {
    let place = Place::new();
    let manifest = "[package]\nname = \"shop\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(place.path().join("src")).unwrap();
    fs::write(place.path().join("src/main.rs"), "fn main() { nothing() }").unwrap();

    let mut command = place.durable(&["run", "shop"]);
    command.env_remove("CARGO_TARGET_DIR");
    let error = refusal(command);

    assert!(error.contains("cannot find function `nothing`"), "{error}");
    assert!(error.ends_with("error: failed to build `shop`; see the output of cargo above\n"), "{error}");
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn a_port_in_use_is_reported() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();

    let error = refusal(place.run(&["--port", &port]));

    assert!(error.starts_with(&format!("error: port {port} of 127.0.0.1 is in use")), "{error}");
}

#[test]
fn a_data_folder_that_is_a_file_is_reported() {
    let place = Place::new();
    fs::write(place.path().join("data"), "").unwrap();

    let error = refusal(place.run(&["--folder", "data"]));

    assert!(error.starts_with("error: `data` is not a folder"), "{error}");
}

#[test]
fn a_damaged_record_is_reported_and_unchanged() {
    let place = Place::new();
    let data = place.path().join(".durable");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("durable.sqlite3"), "this is no database, however long it may be".repeat(100))
        .unwrap();

    let error = refusal(place.run(&[]));

    assert!(error.contains("is not a record of durable executions"), "{error}");
    assert!(fs::read_to_string(data.join("durable.sqlite3")).unwrap().starts_with("this is no database"));
}

#[test]
fn a_damaged_execution_is_not_reported_as_safe() {
    let place = Place::new();
    let first = place.run(&["--name", "a", "--input", "[1]"]).output().unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let record = Connection::open(place.path().join(".durable/durable.sqlite3")).unwrap();
    let damage = "DELETE FROM event_blocks WHERE first_sequence > 1;
        UPDATE event_blocks SET count = 1, block = CAST('{}' AS BLOB)";
    record.execute_batch(damage).unwrap();
    drop(record);

    let error = refusal(place.run(&["--name", "a"]));

    assert!(error.contains("error: event 1 of execution "), "{error}");
    assert!(error.contains("cannot be read; the record is damaged"), "{error}");
    assert!(!error.contains("is safe"), "{error}");
}

#[test]
fn an_invalid_execution_name_is_reported() {
    let place = Place::new();

    let error = refusal(place.run(&["--name", "a b"]));

    assert!(error.starts_with("error: --name: "), "{error}");
    assert!(!place.path().join(".durable").exists());
}

#[test]
fn a_function_without_a_program_is_named() {
    let place = Place::new();

    let error = refusal(place.durable(&["run", "order", "--plain", "tax", "--executable", "order=order"]));

    assert_eq!(
        error,
        "error: --executable: no program specified for `tax`; specify one for each function, as tax=FILE\n"
    );
}
