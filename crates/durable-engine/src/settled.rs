//! The outcome of an operation.

use durable_types::{ErrorObject, OperationStatus};

/// The outcome of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// It succeeded with this result; also `None` if this invocation produced the result, so that its future has it.
    Succeeded(Option<String>),
    /// It did not succeed.
    Failed {
        /// Failed, cancelled, timed out or stopped.
        status: OperationStatus,
        /// The recorded error, boxed because results of replayed operations are moved often and rarely are errors.
        error: Box<ErrorObject>,
    },
}

impl Settled {
    pub(crate) fn failed(error: ErrorObject) -> Self {
        Self::Failed { status: OperationStatus::Failed, error: Box::new(error) }
    }
}
