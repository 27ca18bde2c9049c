//! Waits for executions to end.

use std::sync::Arc;

use durable_types::DurableExecutionArn;

use crate::error::ExecutionLost;
use crate::function::OutputTail;
use crate::host::Host;
use crate::progress::{ClosedExecution, ExecutionState};
use crate::start::Followed;

impl Host {
    /// Waits until an execution has ended.
    pub async fn wait_closed(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        Ok(self.wait_closed_with_output(arn, None).await?.0)
    }

    /// Does the same, and also returns the tail of the last invocation's output if that invocation ended in the
    /// meantime.
    pub async fn wait_closed_with_output(
        &self,
        arn: &DurableExecutionArn,
        followed: Option<Followed>,
    ) -> Result<(Arc<ClosedExecution>, Option<Arc<dyn OutputTail>>), ExecutionLost> {
        let progress = followed.map(|followed| followed.0).or_else(|| self.progress(arn));
        let Some(mut progress) = progress else { return Ok((self.closed(arn).await?, None)) };
        let seen = progress.wait_for(|progress| !matches!(progress.state, ExecutionState::Open)).await;
        let Ok(seen) = seen.map(|seen| seen.clone()) else { return Err(ExecutionLost::Stopping) };
        match &seen.state {
            ExecutionState::Gone => Ok((self.closed(arn).await?, None)),
            ExecutionState::Closed(closed) => Ok((Arc::clone(closed), seen.output.clone())),
            ExecutionState::Failed(failure) => Err(failure.clone().into()),
            ExecutionState::Open => Err(ExecutionLost::Stopping),
        }
    }

    /// Returns the outcome of an execution that this service does not run.
    async fn closed(&self, arn: &DurableExecutionArn) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        match self.describe(arn, ClosedExecution::of).await? {
            Some(Some(closed)) => Ok(Arc::new(closed)),
            Some(None) => Err(ExecutionLost::Dormant(arn.clone())),
            None => Err(ExecutionLost::Unknown(arn.clone())),
        }
    }
}
