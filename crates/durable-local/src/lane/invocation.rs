//! Invocations of functions: makes them for an execution and reports how they ended.

use std::sync::Arc;

use durable_service::{Execution, Invocation, InvocationEnd};
use durable_types::DurableExecutionArn;
use tokio::time::sleep;

use super::lanes::Lanes;
use super::retry::Retries;
use super::under_way::Begun;
use crate::service::{OutputTail, RunningFunction};

/// How an invocation ended, and what it printed last.
#[derive(Clone, Debug)]
pub(super) struct EndedInvocation {
    pub(super) request_id: String,
    pub(super) end: InvocationEnd,
    pub(super) output: Arc<OutputTail>,
}

impl Lanes {
    /// Invokes the function of an execution without waiting for the end, which is reported to whichever lane the
    /// execution has then.
    ///
    /// The lane may fail while the function runs, because the disk is full for example. The invocation goes on, and the
    /// next lane must not start another one beside it.
    pub(super) fn invoke(
        &self,
        invocation: Invocation,
        function: Arc<RunningFunction>,
        execution: &Execution,
    ) {
        let request_id = invocation.request_id.clone();
        let Some(under_way) = self.invocations().begin(request_id.clone()) else { return };
        let (lanes, arn, headers) = (self.clone(), execution.arn().clone(), execution.headers().clone());
        self.run_beside(async move {
            // Without an end, the service is stopping.
            if let Some((end, output)) = function.invoke(invocation, &arn, headers).await {
                let ended = EndedInvocation { request_id, end, output: Arc::new(output) };
                lanes.report(&arn, under_way, ended).await;
            }
        });
    }

    /// Reports the end of an invocation until it is recorded, or no lane waits for it.
    async fn report(&self, arn: &DurableExecutionArn, under_way: Begun<String>, ended: EndedInvocation) {
        let mut retries = Retries::default();
        loop {
            if let Some(lane) = self.live(arn) {
                if lane.invocation_ended(ended.clone()).await.is_ok() {
                    return;
                }
            } else if self.row(arn).await.is_ok_and(|row| row.is_none_or(|row| row.ended_at.is_some())) {
                break;
            }
            sleep(retries.delay()).await;
            retries = retries.next();
        }
        // A lane that began just now may have left the invocation alone. A later one counts it as lost.
        drop(under_way);
        if let Some(lane) = self.live(arn) {
            let _ = lane.invocation_ended(ended).await;
        }
    }
}
