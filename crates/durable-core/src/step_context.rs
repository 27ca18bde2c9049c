//! What the body of a step may know.

use std::sync::Arc;

/// What the body of a step gets: which attempt it is, and nothing durable.
///
/// It has no operations on purpose. A step is recorded as one whole; an operation inside it would be lost on replay.
#[derive(Clone, Debug)]
pub struct StepContext {
    attempt: u32,
    operation_id: Arc<str>,
}

impl StepContext {
    pub(crate) fn new(attempt: u32, operation_id: Arc<str>) -> Self {
        Self { attempt, operation_id }
    }

    /// The number of this attempt; the first is 1. An attempt that was interrupted and runs again keeps its number.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The id of the step, the same in all its attempts and unlike any other of its execution.
    ///
    /// Together with the execution's ARN it makes a key for systems that do a thing once per key.
    pub fn operation_id(&self) -> &str {
        &self.operation_id
    }
}
