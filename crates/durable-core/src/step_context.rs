//! The context of a step's body.

use std::sync::Arc;

/// The context of a step's body: the attempt number and the operation id, but no operations.
///
/// It deliberately cannot start operations. A step is recorded as a unit, so an operation inside it would be lost on
/// replay.
#[derive(Clone, Debug)]
pub struct StepContext {
    attempt: u32,
    operation_id: Arc<str>,
}

impl StepContext {
    pub(crate) fn new(attempt: u32, operation_id: Arc<str>) -> Self {
        Self { attempt, operation_id }
    }

    /// Returns the attempt number, starting at 1. An interrupted attempt that runs again keeps its number.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the id of the step, which is the same for all attempts and unique within the execution.
    ///
    /// Together with the ARN of the execution, it can serve as an idempotency key.
    pub fn operation_id(&self) -> &str {
        &self.operation_id
    }
}
