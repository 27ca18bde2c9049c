//! The results that the replay barrier delivers to the futures of operations.

use crate::settled::Settled;

/// What the replay barrier delivers to the future of an operation.
#[derive(Debug)]
pub(crate) enum OperationResult {
    /// The future already has the result, which an earlier invocation recorded.
    Recorded,
    /// The id of a callback, whose answer follows.
    Created(String),
    /// Boxed, because the barrier has room for a result of each claimed operation, and on replay few need it.
    Settled(Box<Settled>),
}

impl From<Settled> for OperationResult {
    fn from(settled: Settled) -> Self {
        Self::Settled(Box::new(settled))
    }
}
