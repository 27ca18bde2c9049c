//! The store, through its public API.

#[cfg(test)]
mod append;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod list;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod names;
#[cfg(test)]
#[path = "../../src/random_text.rs"]
mod random_text;
#[cfg(test)]
mod refusal;
#[cfg(test)]
mod size;
#[cfg(test)]
mod torn_copy;
#[cfg(test)]
mod write_ahead_log;

use durable_store_sqlite::{Append, ExecutionRow, Unfinished, WakeUp};
use durable_types::{ExecutionStatus, Timestamp};

fn row(name: &str) -> ExecutionRow {
    ExecutionRow {
        execution_id: format!("id-{name}"),
        arn: format!(
            "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/{name}/id-{name}"
        ),
        function_name: "order".to_owned(),
        function_version: "$LATEST".to_owned(),
        execution_name: name.to_owned(),
        input_digest: "digest".to_owned(),
        started_at: Timestamp::from_micros(1_767_323_045_678_901),
        status: ExecutionStatus::Running,
        ended_at: None,
        expires_at: None,
        is_imported: false,
        wake_up: WakeUp::AtStart,
    }
}

/// The execution of this name as one that has not ended.
fn unfinished(name: &str) -> Unfinished {
    Unfinished { execution_id: format!("id-{name}"), wake_up: WakeUp::AtStart }
}

/// The append that begins the execution of this name.
fn creation(name: &str) -> Append {
    let created = row(name);
    Append {
        execution_id: created.execution_id.clone(),
        first_sequence: 1,
        events: vec![event(name, 1)],
        created: Some(created),
        ..Append::default()
    }
}

/// An append of one event.
fn continuation(name: &str, sequence: u64) -> Append {
    Append {
        execution_id: format!("id-{name}"),
        first_sequence: sequence,
        events: vec![event(name, sequence)],
        ..Append::default()
    }
}

fn event(name: &str, sequence: u64) -> String {
    format!(r#"{{"event":"{name}-{sequence}"}}"#)
}
