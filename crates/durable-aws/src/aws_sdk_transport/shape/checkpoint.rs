//! CheckpointDurableExecution.

use aws_sdk_lambda::error::BuildError;
use aws_sdk_lambda::operation::checkpoint_durable_execution::builders::CheckpointDurableExecutionInputBuilder;
use aws_sdk_lambda::operation::checkpoint_durable_execution::{
    CheckpointDurableExecutionInput, CheckpointDurableExecutionOutput,
};
use aws_sdk_lambda::types;
use durable_types::api::{CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState};

use super::{operation, operation_update};

pub(in crate::aws_sdk_transport) fn to_aws(
    request: CheckpointRequest,
) -> Result<CheckpointDurableExecutionInputBuilder, BuildError> {
    let updates = request.updates.into_iter().map(operation_update::to_aws).collect::<Result<Vec<_>, _>>()?;
    Ok(CheckpointDurableExecutionInput::builder()
        .durable_execution_arn(request.durable_execution_arn)
        .checkpoint_token(request.checkpoint_token)
        .set_updates(Some(updates).filter(|updates| !updates.is_empty()))
        .set_client_token(request.client_token))
}

pub(in crate::aws_sdk_transport) fn from_aws(
    response: CheckpointDurableExecutionOutput,
) -> CheckpointResponse {
    let mut answer = CheckpointResponse::new(response.checkpoint_token);
    answer.new_execution_state = response.new_execution_state.map(state).unwrap_or_default();
    answer
}

fn state(state: types::CheckpointUpdatedExecutionState) -> CheckpointUpdatedExecutionState {
    CheckpointUpdatedExecutionState::new(
        state.operations.into_iter().flatten().map(operation::from_aws).collect(),
        state.next_marker,
    )
}
