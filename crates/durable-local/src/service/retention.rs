//! Forgetting executions whose retention is over.

use std::time::Duration;

use tokio::time::sleep;

use super::state::Service;
use crate::causes::with_causes;
use crate::lane::Lanes;

/// How long what has expired may stay on disk. A name is free at once.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

impl Service {
    /// Deletes what has expired, now and again until the service stops.
    pub(super) fn sweep_regularly(&self) {
        self.lanes.run_beside(sweep_regularly(self.lanes.clone()));
    }
}

async fn sweep_regularly(lanes: Lanes) {
    loop {
        if let Err(failure) = lanes.sweep().await {
            let error = with_causes(&failure);
            tracing::warn!(error, "executions whose retention is over cannot be deleted now");
        }
        sleep(SWEEP_INTERVAL).await;
    }
}
