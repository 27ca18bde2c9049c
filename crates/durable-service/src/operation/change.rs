//! A change of an operation of any type.

use durable_types::history::EventDetails;
use durable_types::{Operation, OperationStatus, OperationType, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CallbackChange, ChainedInvokeChange, ContextChange, StepChange, WaitChange};

/// A change of an operation, by type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationChange {
    /// A change of a context.
    Context(ContextChange),
    /// A change of a step.
    Step(StepChange),
    /// A change of a wait.
    Wait(WaitChange),
    /// A change of a callback.
    Callback(CallbackChange),
    /// A change of a chained invoke.
    ChainedInvoke(ChainedInvokeChange),
}

impl OperationChange {
    /// Returns the type of the operation.
    pub fn operation_type(&self) -> OperationType {
        match self {
            Self::Context(_) => OperationType::Context,
            Self::Step(_) => OperationType::Step,
            Self::Wait(_) => OperationType::Wait,
            Self::Callback(_) => OperationType::Callback,
            Self::ChainedInvoke(_) => OperationType::ChainedInvoke,
        }
    }

    /// Applies the change to the record of the operation.
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

    /// Returns the history event of the change, unless the history omits it.
    pub(crate) fn history(&self, at: Timestamp) -> Option<EventDetails> {
        match self {
            Self::Context(change) => Some(change.history()),
            Self::Step(change) => change.history(),
            Self::Wait(change) => Some(change.history(at)),
            Self::Callback(change) => change.history(),
            Self::ChainedInvoke(change) => Some(change.history()),
        }
    }

    /// Returns whether the history includes the change.
    pub(crate) fn is_in_history(&self) -> bool {
        match self {
            Self::Step(StepChange::Ready) | Self::Callback(CallbackChange::HeartbeatReceived) => false,
            Self::Context(_) | Self::Step(_) | Self::Wait(_) | Self::Callback(_) | Self::ChainedInvoke(_) => {
                true
            }
        }
    }

    /// Returns whether the change is reported to the function.
    pub(crate) fn is_in_delta(&self) -> bool {
        !matches!(self, Self::Callback(CallbackChange::HeartbeatReceived))
    }
}

/// Returns whether the operation waits for something that the function does not provide.
pub(crate) fn is_pending(operation: &Operation) -> bool {
    match operation.operation_type {
        OperationType::Step => operation.status == OperationStatus::Pending,
        OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => {
            operation.status == OperationStatus::Started
        }
        OperationType::Execution | OperationType::Context | OperationType::Unknown(_) => false,
    }
}
