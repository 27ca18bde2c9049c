//! The watchers of executions.

use std::collections::HashMap;
use std::sync::Arc;

use durable_service::ExecutionId;
use tokio::sync::watch;

use crate::error::RecordError;
use crate::function::OutputTail;
use crate::progress::{ClosedExecution, Progress, Standing};

/// The progress of executions that have watchers.
#[derive(Default)]
pub(crate) struct Watchers(HashMap<ExecutionId, watch::Sender<Progress>>);

impl Watchers {
    /// Watches an execution. `closed` returns how it has ended, if it has.
    pub(crate) fn watch(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) -> watch::Receiver<Progress> {
        self.0.retain(|_, progress| !progress.is_closed());
        let begin = || {
            let standing = closed().map_or(Standing::Open, |closed| Standing::Closed(Arc::new(closed)));
            watch::Sender::new(Progress { standing, output: None })
        };
        self.0.entry(id.clone()).or_insert_with(begin).subscribe()
    }

    /// Reports that more of an execution is recorded, and how it has ended, if it has.
    pub(crate) fn handle_recorded(
        &mut self,
        id: &ExecutionId,
        closed: impl FnOnce() -> Option<ClosedExecution>,
    ) {
        let Some(progress) = self.0.get(id) else { return };
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
        if let Some(progress) = self.0.remove(id) {
            progress.send_modify(|progress| progress.standing = Standing::Gone);
        }
    }

    /// Reports that an execution could not be recorded or read.
    pub(crate) fn handle_failed(&mut self, id: &ExecutionId, error: &RecordError) {
        let Some(progress) = self.0.remove(id) else { return };
        progress.send_modify(|progress| {
            if matches!(progress.standing, Standing::Open) {
                progress.standing = Standing::Failed(error.clone());
            }
        });
    }

    /// Notes the output of an invocation that has ended.
    pub(crate) fn handle_output(&mut self, id: &ExecutionId, output: Arc<dyn OutputTail>) {
        if let Some(progress) = self.0.get(id) {
            progress.send_modify(|progress| progress.output = Some(output));
        }
    }
}
