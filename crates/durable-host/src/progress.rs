//! How far an execution has come, for those who wait for it.

use std::sync::Arc;

use durable_service::Execution;
use durable_types::{ErrorObject, ExecutionStatus};

use crate::error::RecordError;
use crate::function::OutputTail;

/// How far an execution has come.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) standing: Standing,
    /// The last of what the last invocation printed, if it ended in this process.
    pub(crate) output: Option<Arc<dyn OutputTail>>,
}

/// How an execution goes on.
#[derive(Clone, Debug)]
pub(crate) enum Standing {
    /// It runs or waits.
    Open,
    /// It has ended.
    Closed(Arc<ClosedExecution>),
    /// It does not run here: it was imported, or does not exist.
    Gone,
    /// It has not ended, but cannot go on in this process.
    Failed(RecordError),
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedExecution {
    /// Its last status.
    pub status: ExecutionStatus,
    /// Its result, if it succeeded with one.
    pub result: Option<String>,
    /// Its error, if it did not succeed.
    pub error: Option<ErrorObject>,
}

impl ClosedExecution {
    /// Returns whether it succeeded.
    pub fn succeeded(&self) -> bool {
        self.status == ExecutionStatus::Succeeded
    }

    /// Returns how the execution ended, if it has.
    pub(crate) fn of(execution: &Execution) -> Option<Self> {
        execution.is_closed().then(|| Self {
            status: execution.status().clone(),
            result: execution.result().map(str::to_owned),
            error: execution.error().cloned(),
        })
    }
}
