//! What happened to an operation of any kind.

use durable_types::history::EventDetails;
use durable_types::{Operation, OperationType, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ContextChange, StepChange, WaitChange};

/// What happened to an operation, by its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationChange {
    /// To a context.
    Context(ContextChange),
    /// To a step.
    Step(StepChange),
    /// To a wait.
    Wait(WaitChange),
}

impl OperationChange {
    /// The type of the operation.
    pub fn operation_type(&self) -> OperationType {
        match self {
            Self::Context(_) => OperationType::Context,
            Self::Step(_) => OperationType::Step,
            Self::Wait(_) => OperationType::Wait,
        }
    }

    /// Brings the record of the operation up to date.
    pub(crate) fn apply(self, operation: &mut Operation, at: Timestamp) {
        match self {
            Self::Context(change) => change.apply(operation),
            Self::Step(change) => change.apply(operation, at),
            Self::Wait(change) => change.apply(operation, at),
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
        }
    }

    /// Whether AWS's history tells it.
    pub(crate) fn is_told(&self) -> bool {
        match self {
            Self::Step(StepChange::Ready) => false,
            Self::Context(_) | Self::Step(_) | Self::Wait(_) => true,
        }
    }
}

/// When time alone will change this operation.
pub(crate) fn due(operation: &Operation) -> Option<Timestamp> {
    match operation.operation_type {
        OperationType::Step => StepChange::due(operation),
        OperationType::Wait => WaitChange::due(operation),
        OperationType::Execution
        | OperationType::Context
        | OperationType::Callback
        | OperationType::ChainedInvoke
        | OperationType::Unknown(_) => None,
    }
}

/// What that time does to the operation.
pub(crate) fn elapse(operation: &Operation) -> Option<OperationChange> {
    match operation.operation_type {
        OperationType::Step => Some(OperationChange::Step(StepChange::Ready)),
        OperationType::Wait => Some(OperationChange::Wait(WaitChange::elapse(operation))),
        OperationType::Execution
        | OperationType::Context
        | OperationType::Callback
        | OperationType::ChainedInvoke
        | OperationType::Unknown(_) => None,
    }
}

/// Whether the operation waits for something that does not come from the function.
pub(crate) fn is_pending(operation: &Operation) -> bool {
    due(operation).is_some()
}
