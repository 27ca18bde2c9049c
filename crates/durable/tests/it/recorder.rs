//! A transport that accepts everything and remembers it.

use std::sync::Mutex;

use durable::DurableContext;
use durable::driver::Invocation;
use durable::error::IntoError;
use durable::lambda::LambdaContext;
use durable::transport::{Transport, TransportError};
use durable::types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable::types::{
    ErrorObject, ExecutionDetails, InitialExecutionState, InvocationInput, InvocationOutput, Operation,
    OperationAction, OperationStatus, OperationType, OperationUpdate, StepDetails, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What one invocation after the other has recorded.
#[derive(Default)]
pub(crate) struct Recorder {
    updates: Mutex<Vec<OperationUpdate>>,
}

impl Recorder {
    /// Invokes a handler over what is recorded so far.
    pub(crate) async fn invoke<H, F, O, E>(&self, handler: H) -> InvocationOutput
    where
        H: Fn((), DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        let mut execution = Operation::new("e", OperationType::Execution, OperationStatus::Started);
        execution.details = Some(ExecutionDetails::new(Some("null".to_owned())).into());
        let mut operations = vec![execution];
        operations.extend(self.updates().iter().filter_map(record));
        let context = LambdaContext::new("request-1", Timestamp::from_millis(4_102_444_800_000));
        let input = InvocationInput::new(
            "arn:x/durable-execution/name/e",
            "token",
            InitialExecutionState::new(operations, None),
        );
        Invocation::new(input, context).drive(self, &handler).await.expect("the recorder accepts everything")
    }

    /// The updates so far.
    pub(crate) fn updates(&self) -> Vec<OperationUpdate> {
        self.updates.lock().unwrap().clone()
    }

    /// The error that the step of this name ended with.
    pub(crate) fn error_of(&self, name: &str) -> ErrorObject {
        let updates = self.updates();
        let failed =
            updates.iter().find(|update| update.name.as_deref() == Some(name) && update.error.is_some());
        failed.and_then(|update| update.error.clone()).expect("the step failed")
    }
}

/// The record that an update leaves, if it ends its step.
fn record(update: &OperationUpdate) -> Option<Operation> {
    let status = match update.action {
        OperationAction::Succeed => OperationStatus::Succeeded,
        OperationAction::Fail => OperationStatus::Failed,
        _ => return None,
    };
    let mut operation = Operation::new(update.operation_id.clone(), update.operation_type.clone(), status);
    operation.name = update.name.clone();
    operation.sub_type = update.sub_type.clone();
    operation.parent_id = update.parent_id.clone();
    let mut details = StepDetails::new(update.result.clone(), update.error.clone());
    details.attempt = Some(1);
    operation.details = Some(details.into());
    Some(operation)
}

impl Transport for Recorder {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.updates.lock().unwrap().extend(request.updates);
        Ok(CheckpointResponse::new(Some("token".to_owned())))
    }

    async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        Ok(GetStateResponse::default())
    }
}
