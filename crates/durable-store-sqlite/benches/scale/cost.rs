//! What recording costs: bytes on disk, and pages of the write-ahead log.

use std::path::Path;
use std::time::Instant;

use durable_store_sqlite::{Append, ExecutionRow, StatusChange, Store};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::Connection;

use crate::lists::{row, unnamed_row};

/// Executions that are recorded before any is measured, so that the indexes are as deep as they usually are.
const BEFORE: usize = 20_000;
/// Executions that are measured, one append per commit.
const MEASURED: usize = 500;
/// Executions to which is appended one after the other.
const APPENDS: usize = 2_000;
/// Executions that are recorded at the same time before that.
const AT_ONCE: usize = 500;

pub(crate) async fn measure() {
    measure_rows("named", row).await;
    measure_rows("unnamed", unnamed_row).await;
}

async fn measure_rows(label: &str, row: fn(usize) -> ExecutionRow) {
    let folder = tempfile::tempdir().unwrap();
    record_many(folder.path(), row).await;
    print_space(label, folder.path(), row);
    let store = Store::open(folder.path()).unwrap();
    let file = Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    wal_pages(&file);
    let mut totals = [(0, 0.0); 5];
    for index in BEFORE..BEFORE + MEASURED {
        for (append, total) in three_steps(row(index)).into_iter().zip(&mut totals) {
            let started = Instant::now();
            store.append(append).await.unwrap();
            total.1 += started.elapsed().as_secs_f64();
            total.0 += wal_pages(&file);
        }
    }
    for (label, (pages, seconds)) in ["creation", "step 1", "step 2", "step 3", "end"].iter().zip(totals) {
        let per = |total: f64| total / MEASURED as f64;
        println!(
            "{label:<10} {:>6.2} pages of the log   {:>7.1} µs",
            per(f64::from(pages)),
            per(seconds) * 1e6
        );
    }
}

/// Measures appends that have a commit each, for a look at their system calls with `strace -c -f`.
pub(crate) async fn appends() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for (label, part) in [("creation", 0), ("step", 1)] {
        let mut times = Vec::new();
        for index in 0..APPENDS {
            let [creation, step, ..] = three_steps(row(index));
            let append = if part == 0 { creation } else { step };
            let started = Instant::now();
            store.append(append).await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        println!(
            "# {APPENDS} appends, {label}: p50 {:.0?}, p99 {:.0?}",
            times[APPENDS / 2],
            times[APPENDS / 100 * 99]
        );
    }
}

async fn record_many(folder: &Path, row: fn(usize) -> ExecutionRow) {
    let store = Store::open(folder).unwrap();
    for first in (0..BEFORE).step_by(AT_ONCE) {
        let lanes: Vec<_> = (first..first + AT_ONCE)
            .map(|index| {
                let store = store.clone();
                tokio::spawn(async move {
                    for append in three_steps(row(index)) {
                        store.append(append).await.unwrap();
                    }
                })
            })
            .collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    }
}

/// Prints the bytes per execution, in all and in each table and index.
fn print_space(label: &str, folder: &Path, row: fn(usize) -> ExecutionRow) {
    let file = folder.join("durable.sqlite3");
    let bytes = std::fs::metadata(&file).unwrap().len();
    let events: usize = three_steps(row(0)).iter().flat_map(|append| &append.events).map(String::len).sum();
    println!(
        "# {label} executions of 3 steps: {} bytes each, events of {events} bytes",
        bytes / BEFORE as u64
    );
    let connection = Connection::open(&file).unwrap();
    let mut select =
        connection.prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC").unwrap();
    let parts = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).unwrap();
    for (name, bytes) in parts.map(Result::unwrap).filter(|(_, bytes)| *bytes > 100_000) {
        println!("{name:<36} {:>6} bytes", bytes / BEFORE as i64);
    }
}

/// Takes the pages out of the log, and gives how many there were.
fn wal_pages(file: &Connection) -> i32 {
    file.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1)).unwrap()
}

/// What an execution of three steps appends: its creation, a checkpoint per step, and its end.
fn three_steps(created: ExecutionRow) -> [Append; 5] {
    let execution_id = created.execution_id.clone();
    let ended_at = Some(Timestamp::from_micros(created.started_at.as_micros() + 1_000_000));
    let started = format!(
        r#"{{"ExecutionStarted":{{"At":1796005954.055757,"ExecutionArn":"{}","Input":"{{\"id\":\"order-1\"}}","DurableConfig":{{}},"ExecutionTimeout":31622400,"Synchronous":true,"Headers":{{}},"Seed":"ffsk4ihTSRSCJYoM3TKgDSB4VUDijUenkXTfy0CYtC4="}}}}"#,
        created.arn
    );
    let invoked = format!(
        r#"{{"InvocationStarted":{{"At":1796005954.055757,"Number":1,"RequestId":"{execution_id}"}}}}"#
    );
    let completed = format!(
        r#"{{"InvocationCompleted":{{"At":1796005954.109687,"StartedAt":1796005954.055757,"RequestId":"{execution_id}","Ending":"Answered"}}}}"#
    );
    let ended = format!(
        r#"{{"ExecutionEnded":{{"At":1796005960.339324,"Id":"{execution_id}","End":{{"Succeeded":{{"Result":"\"order-1\""}}}}}}}}"#
    );
    let append = |first_sequence, events| Append {
        execution_id: execution_id.clone(),
        first_sequence,
        events,
        ..Append::default()
    };
    let end = StatusChange { status: ExecutionStatus::Succeeded, ended_at, expires_at: ended_at };
    [
        Append { created: Some(created), ..append(1, vec![started, invoked]) },
        append(3, step(&execution_id)),
        append(6, step(&execution_id)),
        append(9, step(&execution_id)),
        Append { status: Some(end), ..append(12, vec![completed, ended]) },
    ]
}

fn step(execution_id: &str) -> Vec<String> {
    vec![
        r#"{"OperationChanged":{"At":1796005954.098997,"Id":"o6RZrmGV9YCe94Uaz-yNng","Name":"reserve","SubType":"Step","Change":{"Step":"Started"}}}"#.to_owned(),
        r#"{"OperationChanged":{"At":1796005954.098997,"Id":"o6RZrmGV9YCe94Uaz-yNng","Name":"reserve","SubType":"Step","Change":{"Step":{"Succeeded":{"Attempt":1,"Result":"\"reservation-order-1\""}}}}}"#.to_owned(),
        format!(
            r#"{{"Checkpointed":{{"At":1796005954.098997,"ClientToken":"{execution_id}","UpdatesDigest":"mvAjKMibFSNwZkYTV4dyRQ"}}}}"#
        ),
    ]
}
