//! The watchers of executions.

use std::collections::HashMap;
use std::sync::Arc;

use durable_service::ExecutionId;
use tokio::sync::watch;

use crate::error::RecordError;
use crate::function::OutputTail;
use crate::progress::{ClosedExecution, Progress, Standing};

/// The number of entries from which on those without watchers are removed.
const MIN_PRUNED: usize = 16;

/// The progress of executions that have watchers.
#[derive(Default)]
pub(crate) struct Watchers {
    by_id: HashMap<ExecutionId, watch::Sender<Progress>>,
    /// The number of entries at which those without watchers are removed next: twice as many as there were after the last
    /// time, so that a watch costs the same however many there are.
    prune_at: usize,
}

impl Watchers {
    /// Watches an execution. `closed` returns how it has ended, if it has.
    pub(crate) fn watch(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) -> watch::Receiver<Progress> {
        self.prune();
        let begin = || {
            let standing = closed().map_or(Standing::Open, |closed| Standing::Closed(Arc::new(closed)));
            watch::Sender::new(Progress { standing, output: None })
        };
        self.by_id.entry(id.clone()).or_insert_with(begin).subscribe()
    }

    /// Reports that more of an execution is recorded, and how it has ended, if it has.
    pub(crate) fn handle_recorded(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) {
        let Some(progress) = self.by_id.get(id) else { return };
        let closed = closed();
        // Watchers read the new events even if the standing is the same.
        progress.send_modify(|progress| {
            if let Some(closed) = closed
                && matches!(progress.standing, Standing::Open)
            {
                progress.standing = Standing::Closed(Arc::new(closed));
            }
        });
    }

    /// Reports that an execution does not run here.
    pub(crate) fn handle_gone(&mut self, id: &ExecutionId) {
        if let Some(progress) = self.by_id.remove(id) {
            progress.send_modify(|progress| progress.standing = Standing::Gone);
        }
    }

    /// Reports that an execution could not be recorded or read.
    pub(crate) fn handle_failed(&mut self, id: &ExecutionId, error: &RecordError) {
        let Some(progress) = self.by_id.remove(id) else { return };
        progress.send_modify(|progress| {
            if matches!(progress.standing, Standing::Open) {
                progress.standing = Standing::Failed(error.clone());
            }
        });
    }

    /// Notes the output of an invocation that has ended.
    pub(crate) fn handle_output(&mut self, id: &ExecutionId, output: Arc<dyn OutputTail>) {
        if let Some(progress) = self.by_id.get(id) {
            progress.send_modify(|progress| progress.output = Some(output));
        }
    }

    /// Removes executions without watchers, if there may be many of them.
    fn prune(&mut self) {
        if self.by_id.len() >= self.prune_at.max(MIN_PRUNED) {
            self.by_id.retain(|_, progress| !progress.is_closed());
            self.prune_at = self.by_id.len().saturating_mul(2);
        }
    }
}
