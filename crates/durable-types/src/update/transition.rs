//! Legal actions, by the type and status of an operation.

use super::action::OperationAction;
use crate::operation::{OperationStatus, OperationType};

use OperationAction::{Cancel, Fail, Retry, Start, Succeed};

/// No actions.
const NONE: &[OperationAction] = &[];
/// The actions of a type that can only be started.
const START: &[OperationAction] = &[Start];
/// The actions of a type that can only be cancelled once it has started.
const CANCEL: &[OperationAction] = &[Cancel];
const START_OR_CANCEL: &[OperationAction] = &[Start, Cancel];
const CLOSE: &[OperationAction] = &[Succeed, Fail];
const START_OR_CLOSE: &[OperationAction] = &[Start, Succeed, Fail];
const CLOSE_OR_RETRY: &[OperationAction] = &[Succeed, Fail, Retry];
const START_CLOSE_OR_RETRY: &[OperationAction] = &[Start, Succeed, Fail, Retry];

/// Returns whether the service accepts an action for an operation of this type and status; no status means that
/// the operation is not recorded yet.
///
/// A step or a context may be ended without having been started: then one update records all of it. Values that
/// are unknown to this version of the crate are never legal.
///
/// ```
/// use durable_types::{OperationAction, OperationStatus, OperationType, is_legal};
///
/// assert!(is_legal(&OperationType::Step, Some(&OperationStatus::Ready), &OperationAction::Start));
/// assert!(!is_legal(&OperationType::Step, Some(&OperationStatus::Pending), &OperationAction::Start));
/// ```
pub fn is_legal(
    operation_type: &OperationType,
    status: Option<&OperationStatus>,
    action: &OperationAction,
) -> bool {
    legal_actions(operation_type, status).contains(action)
}

/// Returns the actions that the service accepts for an operation of this type and status; no status means that the
/// operation is not recorded yet.
pub fn legal_actions(
    operation_type: &OperationType,
    status: Option<&OperationStatus>,
) -> &'static [OperationAction] {
    match status {
        None => first_actions(operation_type),
        Some(OperationStatus::Started) => actions_once_started(operation_type),
        Some(OperationStatus::Ready) => match operation_type {
            OperationType::Step => START_CLOSE_OR_RETRY,
            OperationType::Execution
            | OperationType::Context
            | OperationType::Wait
            | OperationType::Callback
            | OperationType::ChainedInvoke
            | OperationType::Unknown(_) => NONE,
        },
        Some(
            OperationStatus::Pending
            | OperationStatus::Succeeded
            | OperationStatus::Failed
            | OperationStatus::Cancelled
            | OperationStatus::TimedOut
            | OperationStatus::Stopped
            | OperationStatus::Unknown(_),
        ) => NONE,
    }
}

/// Returns all actions of a type, regardless of status.
pub fn actions_of(operation_type: &OperationType) -> &'static [OperationAction] {
    match operation_type {
        OperationType::Execution => CLOSE,
        OperationType::Context => START_OR_CLOSE,
        OperationType::Step => START_CLOSE_OR_RETRY,
        OperationType::Wait | OperationType::ChainedInvoke => START_OR_CANCEL,
        OperationType::Callback => START,
        OperationType::Unknown(_) => NONE,
    }
}

fn first_actions(operation_type: &OperationType) -> &'static [OperationAction] {
    match operation_type {
        OperationType::Context => START_OR_CLOSE,
        OperationType::Step => START_CLOSE_OR_RETRY,
        OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => START,
        OperationType::Execution | OperationType::Unknown(_) => NONE,
    }
}

fn actions_once_started(operation_type: &OperationType) -> &'static [OperationAction] {
    match operation_type {
        OperationType::Execution | OperationType::Context => CLOSE,
        OperationType::Step => CLOSE_OR_RETRY,
        OperationType::Wait | OperationType::ChainedInvoke => CANCEL,
        OperationType::Callback | OperationType::Unknown(_) => NONE,
    }
}
