//! Notifies the watchers of executions.

use std::collections::HashMap;
use std::sync::Arc;

use durable_service::ExecutionId;
use tokio::sync::watch;

use crate::change_queue::ChangeSender;
use crate::error::RecordError;
use crate::function::OutputTail;
use crate::progress::{ClosedExecution, ExecutionState, Progress};

/// The number of entries at which those without watchers are first removed.
const MIN_PRUNED: usize = 16;

/// The progress of executions that have watchers.
#[derive(Default)]
pub(crate) struct Watchers {
    by_id: HashMap<ExecutionId, watch::Sender<Progress>>,
    /// The number of entries at which those without watchers are removed next: twice the number left by the last
    /// removal, so that adding a watcher has amortized constant cost.
    prune_at: usize,
    /// Those who follow all executions.
    of_all: Vec<ChangeSender>,
}

impl Watchers {
    /// Subscribes to an execution. `closed` returns its outcome, if it has ended.
    pub(crate) fn watch(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) -> watch::Receiver<Progress> {
        self.prune();
        let begin = || {
            let state =
                closed().map_or(ExecutionState::Open, |closed| ExecutionState::Closed(Arc::new(closed)));
            watch::Sender::new(Progress { state, output: None })
        };
        self.by_id.entry(id.clone()).or_insert_with(begin).subscribe()
    }

    /// Reports changes of all executions from now on.
    pub(crate) fn watch_all(&mut self, changes: ChangeSender) {
        self.of_all.retain(|sender| !sender.is_closed());
        self.of_all.push(changes);
    }

    /// Reports that further events of an execution were recorded. `closed` returns its outcome, if it has ended.
    pub(crate) fn handle_recorded(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) {
        self.of_all.iter().for_each(|sender| sender.send(id));
        let Some(progress) = self.by_id.get(id) else { return };
        let closed = closed();
        // Watchers are notified of new events even if the state is unchanged.
        progress.send_modify(|progress| {
            if let Some(closed) = closed
                && matches!(progress.state, ExecutionState::Open)
            {
                progress.state = ExecutionState::Closed(Arc::new(closed));
            }
        });
    }

    /// Reports that this service does not run an execution.
    pub(crate) fn handle_gone(&mut self, id: &ExecutionId) {
        if let Some(progress) = self.by_id.remove(id) {
            progress.send_modify(|progress| progress.state = ExecutionState::Gone);
        }
    }

    /// Reports that the record of an execution could not be written or read.
    pub(crate) fn handle_failed(&mut self, id: &ExecutionId, error: &RecordError) {
        let Some(progress) = self.by_id.remove(id) else { return };
        progress.send_modify(|progress| {
            if matches!(progress.state, ExecutionState::Open) {
                progress.state = ExecutionState::Failed(error.clone());
            }
        });
    }

    /// Stores the output of an invocation that has ended.
    pub(crate) fn handle_output(&mut self, id: &ExecutionId, output: Arc<dyn OutputTail>) {
        if let Some(progress) = self.by_id.get(id) {
            progress.send_modify(|progress| progress.output = Some(output));
        }
    }

    /// Removes the entries without watchers once there are enough of them.
    fn prune(&mut self) {
        if self.by_id.len() >= self.prune_at.max(MIN_PRUNED) {
            self.by_id.retain(|_, progress| !progress.is_closed());
            self.prune_at = self.by_id.len().saturating_mul(2);
        }
    }
}
