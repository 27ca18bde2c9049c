//! Deletes executions whose retention is over.

use std::time::Duration;

use durable_service::ExecutionId;
use tokio::time::sleep;

use crate::causes::with_causes;
use crate::host::Host;
use crate::panic::caught;
use crate::store::{StoreError, StoreErrorKind};

/// The number of executions that are looked up at once.
const SWEPT_AT_ONCE: u32 = 100;

/// The interval between sweeps. The name of an expired execution is free before it is swept.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

impl Host {
    /// Deletes what has expired, at intervals, until the host stops.
    pub fn sweep_regularly(&self) {
        let host = self.clone();
        self.spawn(async move {
            loop {
                let swept = caught(host.sweep())
                    .await
                    .unwrap_or_else(|panicked| Err(StoreError::new(StoreErrorKind::Permanent, panicked)));
                if let Err(error) = swept {
                    let error = with_causes(&error);
                    tracing::warn!(error, "executions whose retention is over cannot be deleted now");
                }
                sleep(SWEEP_INTERVAL).await;
            }
        });
    }

    /// Deletes what has expired, and what was being deleted when an earlier process ended.
    ///
    /// Each execution is tried once. What is left is damaged, or still runs: then it is deleted when that ends, or by the
    /// next sweep.
    async fn sweep(&self) -> Result<(), StoreError> {
        let mut last = None;
        loop {
            let page = self.store().expired(self.now(), last, SWEPT_AT_ONCE).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last = Some(*end);
            let mut expired = Vec::new();
            for expiry in page {
                match self.store().execution_at(expiry).await {
                    Ok(row) => expired.extend(row.map(|row| ExecutionId::from(row.execution_id.as_str()))),
                    Err(error) if error.kind() == StoreErrorKind::Transient => return Err(error),
                    Err(error) => {
                        let error = with_causes(&error);
                        tracing::error!(?expiry, error, "an execution cannot be read, so it is not deleted");
                    }
                }
            }
            self.drive(|dispatcher, _| dispatcher.handle_expired(expired));
        }
    }
}
