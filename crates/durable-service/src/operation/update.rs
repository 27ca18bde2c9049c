//! Validates an update and decides its effect, by the type of its operation.

use durable_types::api::ServiceError;
use durable_types::{Operation, OperationAction, OperationType, OperationUpdate, actions_of};

use super::rejection::{INVALID_ACTION, reject};
use super::{
    CallbackChange, ChainedInvokeChange, ContextChange, ExecutionEnd, OperationChange, Scope, StepChange,
    WaitChange,
};
use crate::settings::Settings;

/// The effect of an update.
#[derive(Debug)]
pub(crate) enum Decision {
    /// An operation changes.
    Changed(OperationChange),
    /// An operation starts and ends at once.
    ChangedTwice(Box<[OperationChange; 2]>),
    /// The execution ends.
    Ended(ExecutionEnd),
}

/// Decides the effect of an update on the recorded operation. Takes the payload and the error out of the update.
pub(crate) fn decide(
    update: &mut OperationUpdate,
    recorded: Option<&Operation>,
    scope: &Scope<'_>,
) -> Result<Decision, ServiceError> {
    let change = match &update.operation_type {
        OperationType::Execution => return ExecutionEnd::decide(update).map(Decision::Ended),
        OperationType::Context => OperationChange::Context(ContextChange::decide(update, recorded)?),
        OperationType::Step => OperationChange::Step(StepChange::decide(update, recorded)?),
        OperationType::Wait => OperationChange::Wait(WaitChange::decide(update, recorded)?),
        OperationType::Callback => {
            OperationChange::Callback(CallbackChange::decide(update, recorded, scope)?)
        }
        OperationType::ChainedInvoke => {
            let (change, next) = ChainedInvokeChange::decide(update, recorded, scope)?;
            let change = OperationChange::ChainedInvoke(change);
            let Some(next) = next else { return Ok(Decision::Changed(change)) };
            return Ok(Decision::ChangedTwice(Box::new([change, OperationChange::ChainedInvoke(next)])));
        }
        OperationType::Unknown(_) => return reject("Unknown operation type."),
    };
    Ok(Decision::Changed(change))
}

/// Validates the error, action and payload of an update independently of the record.
pub(crate) fn check_data(
    update: &OperationUpdate,
    synchronous: bool,
    settings: &Settings,
) -> Result<(), ServiceError> {
    if update.error.as_ref().is_some_and(|error| error.len() > settings.max_error_bytes) {
        return reject(format!("Error object size must be less than {} bytes.", settings.max_error_bytes));
    }
    check_action(update)?;
    if update.action == OperationAction::Fail && update.result.is_some() {
        return reject("Cannot provide a Payload for FAIL action.");
    }
    if update.action == OperationAction::Succeed && update.error.is_some() {
        return reject("Cannot provide an Error for SUCCEED action.");
    }
    let (what, max_bytes) = payload_limit(update, synchronous, settings);
    if update.result.as_ref().is_some_and(|payload| payload.len() > max_bytes) {
        return reject(format!("{what} payload size must be less than or equal to {max_bytes} bytes."));
    }
    Ok(())
}

fn check_action(update: &OperationUpdate) -> Result<(), ServiceError> {
    if actions_of(&update.operation_type).contains(&update.action) {
        return Ok(());
    }
    reject(match update.operation_type {
        OperationType::Execution => "Invalid EXECUTION action.",
        OperationType::Unknown(_) => "Unknown operation type.",
        OperationType::Context
        | OperationType::Step
        | OperationType::Wait
        | OperationType::Callback
        | OperationType::ChainedInvoke => INVALID_ACTION,
    })
}

fn payload_limit(update: &OperationUpdate, synchronous: bool, settings: &Settings) -> (&'static str, usize) {
    let max_bytes = settings.max_operation_payload_bytes;
    match update.operation_type {
        OperationType::Execution => ("Execution output", settings.max_execution_bytes(synchronous)),
        OperationType::Context => ("CONTEXT output", max_bytes),
        OperationType::Step => ("STEP output", max_bytes),
        OperationType::Wait => ("WAIT", max_bytes),
        OperationType::Callback => ("CALLBACK", max_bytes),
        OperationType::ChainedInvoke => ("CHAINED_INVOKE input", max_bytes),
        OperationType::Unknown(_) => ("Operation", max_bytes),
    }
}
