//! Rows of executions, and appends to their records.

use std::collections::BTreeMap;

use durable_service::WakeUp;
use durable_types::{ExecutionStatus, Timestamp};

use super::append_causes::AppendCauses;

/// The indexed properties of an execution, by which it is found and listed.
///
/// # Invariants
/// - No two executions have the same id.
/// - `arn` ends with `/` and the id, so no two executions have the same ARN.
/// - No two executions of a function have the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    /// The id, which is the key of the execution's events.
    pub execution_id: String,
    /// The ARN.
    pub arn: String,
    /// The name of its function.
    pub function_name: String,
    /// The version of its function.
    pub function_version: String,
    /// The name, which is unique within the function.
    pub execution_name: String,
    /// A digest of the input, by which a repeated start with the same name and input is recognized as idempotent.
    pub input_digest: String,
    /// The start time.
    pub started_at: Timestamp,
    /// The status after the events appended so far.
    pub status: ExecutionStatus,
    /// The end time, if it has ended.
    pub ended_at: Option<Timestamp>,
    /// The expiry time, if it has ended.
    pub expires_at: Option<Timestamp>,
    /// Whether it was imported from another store. Imported executions never run.
    pub is_imported: bool,
    /// The trigger that loads it after a restart.
    pub wake_up: WakeUp,
}

/// An execution that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The id.
    pub execution_id: String,
    /// The trigger that loads it.
    pub wake_up: WakeUp,
}

/// The position of an execution in the order of expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    /// The expiry time, in microseconds since the epoch.
    pub at: i64,
    /// The store's internal key of the execution.
    pub key: i64,
}

/// A change to the row of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The new status.
    pub status: ExecutionStatus,
    /// The end time, if the execution has ended.
    pub ended_at: Option<Timestamp>,
    /// The expiry time, if it has ended.
    pub expires_at: Option<Timestamp>,
}

/// An atomic change to the record of one execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Append {
    /// The id of the execution.
    pub execution_id: String,
    /// The sequence number of the first event. Sequence numbers start at 1 and have no gaps.
    pub first_sequence: u64,
    /// The events in order, each as JSON text on one line. It may be empty if recorded events are replaced.
    pub events: Vec<String>,
    /// The new texts of recorded events, by sequence number.
    pub replaced: BTreeMap<u64, String>,
    /// The row of the execution, in its first append.
    pub created: Option<ExecutionRow>,
    /// The change of status, if there is one.
    pub status: Option<StatusChange>,
    /// The new trigger that loads the execution after a restart, if it changes.
    pub wake_up: Option<WakeUp>,
    /// The spans of the commands that it records.
    pub causes: AppendCauses,
}
