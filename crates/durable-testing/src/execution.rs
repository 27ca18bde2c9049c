//! An execution that has ended, for assertions.

use std::time::Duration;

use durable_service::{Event, Execution};
use durable_types::api::ServiceError;
use durable_types::{ErrorObject, ExecutionStatus, Operation, history};
use serde::de::DeserializeOwned;

use crate::TestError;

/// An execution that has ended.
#[derive(Clone, Debug)]
pub struct TestExecution {
    pub(crate) execution: Execution,
    pub(crate) events: Vec<Event>,
    pub(crate) checkpoints: usize,
    pub(crate) refusals: Vec<ServiceError>,
}

impl TestExecution {
    /// How it ended.
    pub fn status(&self) -> &ExecutionStatus {
        self.execution.status()
    }

    /// What its handler returned.
    ///
    /// # Errors
    /// If it did not succeed, or if its result is not a `T`.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, TestError> {
        if self.status() != &ExecutionStatus::Succeeded {
            return Err(TestError::NotSucceeded(
                self.status().clone(),
                self.error().cloned().unwrap_or_default(),
            ));
        }
        serde_json::from_str(self.execution.result().unwrap_or("null")).map_err(TestError::Json)
    }

    /// What it failed with.
    pub fn error(&self) -> Option<&ErrorObject> {
        self.execution.error()
    }

    /// Its operations, in the order in which they began, itself first.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.execution.operations()
    }

    /// The first operation with this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations().find(|operation| operation.name.as_deref() == Some(name))
    }

    /// Its history, as GetDurableExecutionHistory tells it.
    pub fn history(&self) -> Vec<history::Event> {
        durable_service::history(&self.events)
    }

    /// How many invocations it took.
    pub fn invocations(&self) -> u64 {
        self.execution.invocation_count()
    }

    /// How many checkpoints were recorded.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints
    }

    /// What the service refused of what functions asked for, in this execution and those that it called. Without
    /// [faults](crate::TestRunner::fault) it refuses nothing.
    pub fn refusals(&self) -> &[ServiceError] {
        &self.refusals
    }

    /// How long it took, in virtual time.
    pub fn elapsed(&self) -> Duration {
        let end = self.execution.end_timestamp().unwrap_or_default();
        whole_millis(end.saturating_since(self.execution.start_timestamp()))
    }
}

/// Virtual time as tests count it. Each checkpoint takes a microsecond, which nobody wants to count.
pub(crate) fn whole_millis(elapsed: Duration) -> Duration {
    Duration::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
