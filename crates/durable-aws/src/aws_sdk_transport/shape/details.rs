//! What a record holds beside its status.

use aws_sdk_lambda::types;
use durable_types::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};

use super::{error_object, timestamp};

pub(super) fn execution(details: types::ExecutionDetails) -> ExecutionDetails {
    ExecutionDetails::new(details.input_payload)
}

pub(super) fn context(details: types::ContextDetails) -> ContextDetails {
    let mut context = ContextDetails::new(details.result, details.error.map(error_object::from_aws));
    context.replay_children = details.replay_children;
    context
}

pub(super) fn step(details: types::StepDetails) -> StepDetails {
    let mut step = StepDetails::new(details.result, details.error.map(error_object::from_aws));
    step.attempt = u32::try_from(details.attempt).ok();
    step.next_attempt_timestamp = details.next_attempt_timestamp.map(timestamp::from_aws);
    step
}

pub(super) fn wait(details: types::WaitDetails) -> WaitDetails {
    WaitDetails::new(details.scheduled_end_timestamp.map(timestamp::from_aws))
}

pub(super) fn callback(details: types::CallbackDetails) -> CallbackDetails {
    let mut callback = CallbackDetails::new(details.result, details.error.map(error_object::from_aws));
    callback.callback_id = details.callback_id;
    callback
}

pub(super) fn chained_invoke(details: types::ChainedInvokeDetails) -> ChainedInvokeDetails {
    ChainedInvokeDetails::new(details.result, details.error.map(error_object::from_aws))
}
