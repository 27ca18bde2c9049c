//! What the store is given and gives back: the row of an execution, and events to append.

use durable_types::{ExecutionStatus, Timestamp};

/// What the store keeps of an execution besides its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    /// The key under which the execution's events are appended and read.
    pub execution_id: String,
    /// Its ARN.
    pub arn: String,
    /// The function it runs.
    pub function_name: String,
    /// The version of that function.
    pub function_version: String,
    /// Its name, of which a function has each only once.
    pub execution_name: String,
    /// A digest of its input, to tell whether a second start under its name asks for the same.
    pub input_digest: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its status after the events appended so far.
    pub status: ExecutionStatus,
    /// When it ended. The store takes an execution without as unfinished.
    pub ended_at: Option<Timestamp>,
    /// When it may be forgotten, if it ended.
    pub expires_at: Option<Timestamp>,
    /// Whether it comes from another store, to be looked at. It is never unfinished.
    pub is_imported: bool,
}

/// Where an execution stands among those that expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    pub(super) at: i64,
    pub(super) key: i64,
}

/// How an append changes the row of its execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The status from now on.
    pub status: ExecutionStatus,
    /// When the execution ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// When it may be forgotten, if it ended.
    pub expires_at: Option<Timestamp>,
}

/// Events of one execution that are recorded together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Append {
    /// The execution the events belong to.
    pub execution_id: String,
    /// The sequence number of the first event; those of an execution begin at 1 and have no gap.
    pub first_sequence: u64,
    /// The events in order, each as the caller serialized it.
    pub events: Vec<String>,
    /// The execution's row, in the append that begins it.
    pub created: Option<ExecutionRow>,
    /// What becomes of the execution's status, if that changes.
    pub status: Option<StatusChange>,
}
