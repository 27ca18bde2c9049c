//! GetDurableExecutionState.

use aws_sdk_lambda::operation::get_durable_execution_state::builders::GetDurableExecutionStateInputBuilder;
use aws_sdk_lambda::operation::get_durable_execution_state::{
    GetDurableExecutionStateInput, GetDurableExecutionStateOutput,
};
use durable_types::api::{GetStateRequest, GetStateResponse};

use super::{operation, options};

pub(in crate::aws_sdk_transport) fn to_aws(request: GetStateRequest) -> GetDurableExecutionStateInputBuilder {
    GetDurableExecutionStateInput::builder()
        .durable_execution_arn(request.durable_execution_arn)
        .checkpoint_token(request.checkpoint_token)
        .set_marker(request.marker)
        .set_max_items(request.max_items.map(options::saturating))
}

pub(in crate::aws_sdk_transport) fn from_aws(response: GetDurableExecutionStateOutput) -> GetStateResponse {
    GetStateResponse::new(
        response.operations.into_iter().map(operation::from_aws).collect(),
        response.next_marker,
    )
}
