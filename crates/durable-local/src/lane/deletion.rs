//! Forgetting executions that are over.

use durable_store_sqlite::{ExecutionRow, Expiry, StoreError};
use durable_types::DurableExecutionArn;

use super::failure::LaneFailure;
use super::lanes::Lanes;
use crate::causes::with_causes;
use crate::clock;

/// Executions that are looked for at once.
const SWEPT_AT_ONCE: u32 = 100;

impl Lanes {
    /// Deletes everything about an execution that is over. Tells whether there was something.
    pub(super) async fn delete(&self, arn: &DurableExecutionArn) -> Result<bool, LaneFailure> {
        self.delete_row(arn.execution_id(), arn.as_str()).await
    }

    /// Deletes an execution without waiting for it. Should that fail, it is swept up later.
    pub(super) fn delete_beside(&self, arn: DurableExecutionArn) {
        let lanes = self.clone();
        self.run_beside(async move {
            if let Err(failure) = lanes.delete(&arn).await {
                let error = with_causes(&failure);
                tracing::warn!(execution = arn.as_str(), error, "the execution is deleted later");
            }
        });
    }

    /// Deletes an execution if its time has come. Tells whether it has.
    pub(crate) async fn expire(&self, row: &ExecutionRow) -> Result<bool, LaneFailure> {
        let is_due = row.expires_at.is_some_and(|expires_at| expires_at <= clock::now());
        let arn = row.arn.parse::<DurableExecutionArn>();
        let is_live = arn.is_ok_and(|arn| self.live(&arn).is_some());
        if !is_due || is_live {
            return Ok(false);
        }
        // What is not there any more was deleted just now.
        self.delete_row(&row.execution_id, &row.arn).await.map(|_| true)
    }

    /// Deletes what has expired, and what was being deleted when an earlier process ended.
    ///
    /// Each execution is tried once. What is left is damaged, or has a lane: then it is deleted when that ends, or by
    /// the next sweep.
    pub(crate) async fn sweep(&self) -> Result<(), LaneFailure> {
        let mut last = None;
        loop {
            let page = self.store().expired_behind(clock::now(), last, SWEPT_AT_ONCE).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last = Some(*end);
            for expiry in page {
                match self.sweep_one(expiry).await {
                    Err(failure) if failure.may_pass() => return Err(failure),
                    Ok(()) | Err(_) => {}
                }
            }
        }
    }

    /// Deletes one execution that has expired. A failure is logged.
    async fn sweep_one(&self, expiry: Expiry) -> Result<(), LaneFailure> {
        let row = self.store().execution_at(expiry).await.inspect_err(|error| {
            let error = with_causes(error);
            tracing::error!(?expiry, error, "an execution cannot be read, so it is not deleted");
        })?;
        let Some(row) = row else { return Ok(()) };
        let expired = self.expire(&row).await.inspect_err(|failure| {
            let error = with_causes(failure);
            tracing::error!(execution = row.arn, error, "the execution cannot be deleted");
        });
        expired.map(drop)
    }

    /// Deletes what is recorded of an execution, and what its functions printed.
    async fn delete_row(&self, execution_id: &str, arn: &str) -> Result<bool, LaneFailure> {
        match self.store().delete(execution_id).await {
            Ok(()) => {
                self.logs().forget(arn);
                Ok(true)
            }
            Err(StoreError::UnknownExecution { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
