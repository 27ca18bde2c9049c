//! The rows of executions, and events to append.

use std::collections::BTreeMap;

use durable_service::WakeUp;
use durable_types::{ExecutionStatus, Timestamp};

/// The properties of an execution by which it is found and listed.
///
/// # Invariants
/// - No two executions have the same id.
/// - `arn` ends with `/` and the id, so no two executions have the same ARN.
/// - No two executions of a function have the same name.
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
    /// Its name, which is unique within its function.
    pub execution_name: String,
    /// A digest of its input: a second start under its name with the same input is idempotent.
    pub input_digest: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its status after the events appended so far.
    pub status: ExecutionStatus,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// When it is to be deleted, if it has ended.
    pub expires_at: Option<Timestamp>,
    /// Whether it was imported from another store, so that it never runs here.
    pub is_imported: bool,
    /// When it has to be loaded after a restart.
    pub wake_up: WakeUp,
}

/// An execution that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its id.
    pub execution_id: String,
    /// When it has to be loaded.
    pub wake_up: WakeUp,
}

/// The position of an execution in the order in which executions expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    /// When it expires, in microseconds since the epoch.
    pub at: i64,
    /// The store's own key of the execution.
    pub key: i64,
}

/// A change to the row of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The new status.
    pub status: ExecutionStatus,
    /// When the execution ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// When it is to be deleted, if it has ended.
    pub expires_at: Option<Timestamp>,
}

/// Changes to the record of one execution, written all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Append {
    /// The execution the events belong to.
    pub execution_id: String,
    /// The sequence number of the first event; those of an execution begin at 1 and have no gap.
    pub first_sequence: u64,
    /// The events in order, as serialized by the caller. There may be none if recorded events are replaced.
    pub events: Vec<String>,
    /// The new texts of recorded events, by sequence number.
    pub replaced: BTreeMap<u64, String>,
    /// The execution's row, in its first append.
    pub created: Option<ExecutionRow>,
    /// The change of the execution's status, if there is one.
    pub status: Option<StatusChange>,
    /// When the execution has to be loaded after a restart, if that changes.
    pub wake_up: Option<WakeUp>,
}
