//! The effect of an input on an operation.

use crate::checkpoint::QueuedUpdate;
use crate::settled::Settled;

/// The effect of an input on an operation.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is passed on at once and never kept")]
pub(crate) enum Transition {
    None,
    /// The next attempt may start.
    Due,
    Update(QueuedUpdate),
    /// The callback has this id.
    Created(String),
    Settled(Settled),
}
