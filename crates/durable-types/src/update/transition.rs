//! Which action is legal for an operation of which type, where it stands.

use super::action::OperationAction;
use crate::operation::{OperationStatus, OperationType};

use OperationAction::{Cancel, Fail, Retry, Start, Succeed};

/// The actions of nothing.
const NONE: &[OperationAction] = &[];
/// The actions of a type that can only begin.
const START: &[OperationAction] = &[Start];
/// The actions of a type that can only be given up once it began.
const CANCEL: &[OperationAction] = &[Cancel];
const START_OR_CANCEL: &[OperationAction] = &[Start, Cancel];
const CLOSE: &[OperationAction] = &[Succeed, Fail];
const START_OR_CLOSE: &[OperationAction] = &[Start, Succeed, Fail];
const CLOSE_OR_RETRY: &[OperationAction] = &[Succeed, Fail, Retry];
const START_CLOSE_OR_RETRY: &[OperationAction] = &[Start, Succeed, Fail, Retry];

/// Whether the service accepts this action for an operation of this type with this status; no status means that
/// the operation is not recorded yet.
///
/// A step or a context may be closed without having been started: one update then records all of it. Words that
/// this version of the crate does not know are never legal.
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

/// The actions that the service accepts for an operation of this type with this status; no status means that the
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

/// The actions that exist for this type, whatever the status.
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
