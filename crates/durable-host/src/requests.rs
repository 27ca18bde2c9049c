//! Serves the execution API to functions in the same process.

use durable_service::{Command, Reply};
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};
use durable_types::{DurableExecutionArn, Timestamp};

use crate::error::execution_not_found;
use crate::execution_api::{ExecutionApi, Responding};
use crate::host::Host;

impl ExecutionApi for Host {
    fn checkpoint(&self, request: CheckpointRequest) -> Responding<'_, CheckpointResponse> {
        Box::pin(async {
            let arn = parse(&request.durable_execution_arn)?;
            match self.command(&arn, Command::Checkpoint(request)).await? {
                Some(Reply::Checkpointed(response)) => Ok(response),
                // The API declares no error of this operation for an execution that does not exist.
                Some(Reply::Accepted | Reply::Stopped(_) | Reply::Deleting(_)) | None => {
                    Err(ServiceError::invalid("Invalid checkpoint token"))
                }
            }
        })
    }

    fn get_state(&self, request: GetStateRequest) -> Responding<'_, GetStateResponse> {
        Box::pin(async {
            let arn = parse(&request.durable_execution_arn)?;
            self.state_page(&arn, request).await?.ok_or_else(|| execution_not_found(&arn))
        })
    }

    fn now(&self) -> Timestamp {
        self.now()
    }
}

fn parse(arn: &str) -> Result<DurableExecutionArn, ServiceError> {
    arn.parse().map_err(|error| ServiceError::invalid(format!("{error}")))
}
