//! Inspects how SQLite executes a query: its statements, their plans, and their cost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

/// The statements that a query executes.
pub(crate) fn statements(connection: &mut Connection, query: impl FnOnce(&Connection)) -> BTreeSet<String> {
    let statements = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&statements);
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            seen.lock().unwrap().insert(statement.sql().into_owned());
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).unwrap();
    query(connection);
    connection.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    let statements = statements.lock().unwrap();
    statements.iter().filter(|text| text.starts_with("SELECT")).cloned().collect()
}

/// The steps of the plan of a statement.
pub(crate) fn plan(connection: &Connection, statement: &str) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    (1..=explain.parameter_count()).for_each(|parameter| explain.raw_bind_parameter(parameter, 1).unwrap());
    let mut rows = explain.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get("detail").unwrap());
    }
    steps
}

/// Whether a step of a plan looks up rows by an index, without scanning or sorting. A subquery, and each of several
/// alternatives, has steps of its own.
pub(crate) fn is_lookup(step: &str) -> bool {
    step.starts_with("SEARCH ")
        || step.contains("SCALAR SUBQUERY")
        || step == "MULTI-INDEX OR"
        || step.starts_with("INDEX ")
}

/// The operations of SQLite's virtual machine that a query costs.
pub(crate) fn cost(connection: &mut Connection, query: impl FnOnce(&Connection)) -> u64 {
    let operations = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&operations);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(count)).unwrap();
    query(connection);
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    operations.load(Ordering::Relaxed)
}
