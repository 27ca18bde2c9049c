//! The requests that functions make about their executions.

use std::pin::Pin;

use durable_types::Timestamp;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};

/// A response of the service.
pub type Responding<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// The requests that a function makes about its execution, for functions that run in the process of the service.
pub trait ExecutionApi: Send + Sync {
    /// Records updates of an execution (CheckpointDurableExecution).
    ///
    /// The request is carried out even if the future is dropped.
    fn checkpoint(&self, request: CheckpointRequest) -> Responding<'_, CheckpointResponse>;

    /// Reads a page of the operations of an execution (GetDurableExecutionState).
    fn get_state(&self, request: GetStateRequest) -> Responding<'_, GetStateResponse>;

    /// Returns the time of the service.
    fn now(&self) -> Timestamp;
}
