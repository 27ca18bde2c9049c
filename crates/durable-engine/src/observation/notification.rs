//! What observers are notified of.

use durable_types::SmallString;

/// A change of operations, of which observers are notified after [`Operations`](super::Operations) reflects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// An operation started, or the code reached one that an earlier invocation started and that has not ended.
    Started {
        /// Its id.
        id: SmallString,
        /// Whether an earlier invocation started it.
        is_replay: bool,
    },
    /// The service recorded changes of these operations.
    Changed {
        /// Their ids.
        ids: Vec<SmallString>,
    },
    /// An operation ended. This is reported once, by the invocation that first learns of the end.
    Ended {
        /// Its id.
        id: SmallString,
        /// Its serialized result, if it has one.
        result: Option<String>,
        /// Whether it ended between the previous invocation and this one.
        is_replay: bool,
    },
}
