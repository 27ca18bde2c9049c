//! Deletes expired executions.

use std::time::Duration;

use durable_service::ExecutionId;
use tokio::time::sleep;

use crate::causes::with_causes;
use crate::host::Host;
use crate::panic::caught;
use crate::store::{StoreError, StoreErrorKind};

/// The number of expired executions read per page.
const SWEEP_PAGE: u32 = 100;

/// The interval between sweeps. The name of an expired execution can be reused before the sweep.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

impl Host {
    /// Deletes expired executions at regular intervals until the host stops.
    pub fn sweep_regularly(&self) {
        let host = self.clone();
        self.spawn(async move {
            loop {
                let swept = caught(host.sweep())
                    .await
                    .unwrap_or_else(|panicked| Err(StoreError::new(StoreErrorKind::Permanent, panicked)));
                if let Err(error) = swept {
                    let error = with_causes(&error);
                    tracing::warn!(error, "cannot delete expired executions now; the next sweep retries");
                }
                sleep(SWEEP_INTERVAL).await;
            }
        });
    }

    /// Deletes expired executions, and those whose deletion an earlier process did not complete.
    ///
    /// Each execution is attempted once. Executions that remain are damaged, or are still running; the latter are
    /// deleted when they end, or by the next sweep.
    async fn sweep(&self) -> Result<(), StoreError> {
        let mut last = None;
        loop {
            let page = self.store().expired(self.now(), last, SWEEP_PAGE).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last = Some(*end);
            let mut expired = Vec::new();
            for expiry in page {
                match self.store().execution_at(expiry).await {
                    Ok(row) => expired.extend(row.map(|row| ExecutionId::from(row.execution_id.as_str()))),
                    Err(error) if error.kind() == StoreErrorKind::Transient => return Err(error),
                    Err(error) => {
                        let error = with_causes(&error);
                        tracing::error!(
                            ?expiry,
                            error,
                            "cannot delete an expired execution because it cannot be read"
                        );
                    }
                }
            }
            self.drive(|dispatcher, _| dispatcher.handle_expired(expired));
        }
    }
}
