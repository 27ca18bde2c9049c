//! The API that functions call for their executions.

use std::pin::Pin;

use durable_types::Timestamp;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};

/// A pending response of the service.
pub type Responding<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// The API that a function calls for its execution, for functions that run in the service's own process.
pub trait ExecutionApi: Send + Sync {
    /// Records updates of an execution (CheckpointDurableExecution).
    ///
    /// The request completes even if the future is dropped.
    fn checkpoint(&self, request: CheckpointRequest) -> Responding<'_, CheckpointResponse>;

    /// Reads a page of the operations of an execution (GetDurableExecutionState).
    fn get_state(&self, request: GetStateRequest) -> Responding<'_, GetStateResponse>;

    /// Returns the current time of the service's clock.
    fn now(&self) -> Timestamp;
}
