//! What a record holds beside its status.

use aws_sdk_lambda::types;
use durable_types::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};

use super::{error_object, timestamp};

pub(super) fn execution(details: types::ExecutionDetails) -> ExecutionDetails {
    ExecutionDetails { input_payload: details.input_payload }
}

pub(super) fn context(details: types::ContextDetails) -> ContextDetails {
    ContextDetails {
        replay_children: details.replay_children,
        result: details.result,
        error: details.error.map(error_object::from_aws),
    }
}

pub(super) fn step(details: types::StepDetails) -> StepDetails {
    StepDetails {
        attempt: u32::try_from(details.attempt).ok(),
        next_attempt_timestamp: details.next_attempt_timestamp.map(timestamp::from_aws),
        result: details.result,
        error: details.error.map(error_object::from_aws),
    }
}

pub(super) fn wait(details: types::WaitDetails) -> WaitDetails {
    WaitDetails { scheduled_end_timestamp: details.scheduled_end_timestamp.map(timestamp::from_aws) }
}

pub(super) fn callback(details: types::CallbackDetails) -> CallbackDetails {
    CallbackDetails {
        callback_id: details.callback_id,
        result: details.result,
        error: details.error.map(error_object::from_aws),
    }
}

pub(super) fn chained_invoke(details: types::ChainedInvokeDetails) -> ChainedInvokeDetails {
    ChainedInvokeDetails { result: details.result, error: details.error.map(error_object::from_aws) }
}
