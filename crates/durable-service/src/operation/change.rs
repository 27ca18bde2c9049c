//! What happened to an operation of any kind.

use durable_types::history::EventDetails;
use durable_types::{Operation, OperationStatus, OperationType, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CallbackChange, ChainedInvokeChange, ContextChange, StepChange, WaitChange};

/// What happened to an operation, by its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationChange {
    /// To a context.
    Context(ContextChange),
    /// To a step.
    Step(StepChange),
    /// To a wait.
    Wait(WaitChange),
    /// To a callback.
    Callback(CallbackChange),
    /// To a call of another function.
    ChainedInvoke(ChainedInvokeChange),
}

impl OperationChange {
    /// The type of the operation.
    pub fn operation_type(&self) -> OperationType {
        match self {
            Self::Context(_) => OperationType::Context,
            Self::Step(_) => OperationType::Step,
            Self::Wait(_) => OperationType::Wait,
            Self::Callback(_) => OperationType::Callback,
            Self::ChainedInvoke(_) => OperationType::ChainedInvoke,
        }
    }

    /// Brings the record of the operation up to date.
    pub(crate) fn apply(self, operation: &mut Operation, at: Timestamp) {
        match self {
            Self::Context(change) => change.apply(operation),
            Self::Step(change) => change.apply(operation, at),
            Self::Wait(change) => change.apply(operation, at),
            Self::Callback(change) => change.apply(operation),
            Self::ChainedInvoke(change) => change.apply(operation),
        }
        if operation.status.is_terminal() {
            operation.end_timestamp = Some(at);
        }
    }

    /// How AWS's history tells it; none if it does not.
    pub(crate) fn history(&self, at: Timestamp) -> Option<EventDetails> {
        match self {
            Self::Context(change) => Some(change.history()),
            Self::Step(change) => change.history(),
            Self::Wait(change) => Some(change.history(at)),
            Self::Callback(change) => change.history(),
            Self::ChainedInvoke(change) => Some(change.history()),
        }
    }

    /// Whether AWS's history tells it.
    pub(crate) fn is_in_history(&self) -> bool {
        match self {
            Self::Step(StepChange::Ready) | Self::Callback(CallbackChange::HeartbeatReceived) => false,
            Self::Context(_) | Self::Step(_) | Self::Wait(_) | Self::Callback(_) | Self::ChainedInvoke(_) => {
                true
            }
        }
    }

    /// Whether the function is to learn of it.
    pub(crate) fn is_in_delta(&self) -> bool {
        !matches!(self, Self::Callback(CallbackChange::HeartbeatReceived))
    }
}

/// Whether the operation waits for something that does not come from the function.
pub(crate) fn is_pending(operation: &Operation) -> bool {
    match operation.operation_type {
        OperationType::Step => operation.status == OperationStatus::Pending,
        OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => {
            operation.status == OperationStatus::Started
        }
        OperationType::Execution | OperationType::Context | OperationType::Unknown(_) => false,
    }
}
