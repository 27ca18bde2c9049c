//! Waiting for an execution to end.

use std::sync::Arc;

use durable_types::DurableExecutionArn;
use tokio::sync::watch;

use super::error::ExecutionLost;
use super::output_tails::OutputTail;
use super::state::Service;
use crate::host::{ClosedExecution, Progress, Standing};

impl Service {
    /// Waits until an execution has ended.
    pub(crate) async fn wait_closed(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        Ok(self.wait_closed_with_output(arn, None).await?.0)
    }

    /// The same, with the last of what its last invocation printed, if that ended while it was waited for or followed.
    pub(crate) async fn wait_closed_with_output(
        &self,
        arn: &DurableExecutionArn,
        followed: Option<watch::Receiver<Progress>>,
    ) -> Result<(Arc<ClosedExecution>, Option<Arc<OutputTail>>), ExecutionLost> {
        let progress = followed.or_else(|| self.host.watch(arn));
        let Some(mut progress) = progress else { return Ok((self.closed(arn).await?, None)) };
        let seen = progress.wait_for(|progress| !matches!(progress.standing, Standing::Open)).await;
        let Ok(seen) = seen.map(|seen| seen.clone()) else { return Err(ExecutionLost::Stopping) };
        match &seen.standing {
            Standing::Gone => Ok((self.closed(arn).await?, None)),
            Standing::Closed(closed) => Ok((Arc::clone(closed), seen.output.clone())),
            Standing::Failed(failure) => Err(failure.clone().into()),
            Standing::Open => Err(ExecutionLost::Stopping),
        }
    }

    /// How an execution that is not live has ended.
    async fn closed(&self, arn: &DurableExecutionArn) -> Result<Arc<ClosedExecution>, ExecutionLost> {
        match self.host.read(arn, ClosedExecution::of).await? {
            Some(Some(closed)) => Ok(Arc::new(closed)),
            Some(None) => Err(ExecutionLost::Dormant(arn.clone())),
            None => Err(ExecutionLost::Unknown(arn.clone())),
        }
    }
}
