//! The progress of an execution, as its watchers see it.

use std::sync::Arc;

use durable_service::Execution;
use durable_types::{ErrorObject, ExecutionStatus};

use crate::error::RecordError;
use crate::function::OutputTail;

/// The progress of an execution.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) state: ExecutionState,
    /// The tail of the last invocation's output, if that invocation ended in this process.
    pub(crate) output: Option<Arc<dyn OutputTail>>,
}

/// The state of an execution from a watcher's point of view.
#[derive(Clone, Debug)]
pub(crate) enum ExecutionState {
    /// The execution runs or waits.
    Open,
    /// The execution has ended.
    Closed(Arc<ClosedExecution>),
    /// This service does not run the execution: it was imported, or does not exist.
    Gone,
    /// The execution has not ended, but cannot continue in this process.
    Failed(RecordError),
}

/// The outcome of an execution that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedExecution {
    /// The final status.
    pub status: ExecutionStatus,
    /// The result, if the execution succeeded with one.
    pub result: Option<String>,
    /// The error, if the execution did not succeed.
    pub error: Option<ErrorObject>,
}

impl ClosedExecution {
    /// Returns whether the execution succeeded.
    pub fn succeeded(&self) -> bool {
        self.status == ExecutionStatus::Succeeded
    }

    /// Returns the outcome of an execution, or `None` if it has not ended.
    pub(crate) fn of(execution: &Execution) -> Option<Self> {
        execution.is_closed().then(|| Self {
            status: execution.status().clone(),
            result: execution.result().map(str::to_owned),
            error: execution.error().cloned(),
        })
    }
}
