//! A fact that the engine reports to observers.

use durable_types::{Operation, OperationAction, OperationUpdate, SmallString};

use super::operation_info::OperationInfo;

/// A fact about operations, in the order in which the engine learned of it.
///
/// [`Operations`](super::Operations) folds these facts into the state of all operations.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The journal was read.
    Loaded {
        /// The recorded operations, in the order in which they started.
        operations: Vec<OperationInfo>,
        /// The ids of those that changed since the previous invocation ended, with their results.
        updated: Vec<(SmallString, Option<String>)>,
    },
    /// The code reached an operation that an earlier invocation started and that has not ended.
    Resumed(SmallString),
    /// An update was queued. Its payload is that of a success, and absent otherwise.
    Queued(Box<OperationUpdate>),
    /// A checkpoint was acknowledged.
    Recorded {
        /// The updates that it recorded, in the order in which they were queued.
        saved: Vec<(SmallString, OperationAction)>,
        /// The records that its response contains.
        records: Vec<Operation>,
    },
}
