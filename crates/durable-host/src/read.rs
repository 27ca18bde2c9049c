//! Reads executions, from memory if they are resident and otherwise from the store.

use durable_service::{Answer, Execution, ExecutionId, Loaded};
use durable_types::DurableExecutionArn;
use durable_types::api::{GetStateRequest, GetStateResponse, ServiceError};

use crate::error::RecordError;
use crate::host::Host;
use crate::record::{self, parse};

impl Host {
    /// Reads the recorded state of an execution. Returns `None` if it does not exist.
    pub async fn read<R>(
        &self,
        arn: &DurableExecutionArn,
        f: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        match self.read_resident(arn, f).await {
            Ok(seen) => Ok(Some(seen)),
            Err(f) => self.read_loaded(arn, f).await,
        }
    }

    /// Reads an execution without its operations: its input, status and result. Returns `None` if it does not exist.
    ///
    /// For an execution that has ended, the cost does not depend on the length of its history.
    pub async fn describe<R>(
        &self,
        arn: &DurableExecutionArn,
        f: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        let f = match self.read_resident(arn, f).await {
            Ok(seen) => return Ok(Some(seen)),
            Err(f) => f,
        };
        match self.read_closed(arn).await? {
            Some(execution) => Ok(Some(f(&execution))),
            None => self.read_loaded(arn, f).await,
        }
    }

    /// Reads an execution that is in memory, or returns the closure so that the caller can use it again.
    async fn read_resident<R, F: FnOnce(&Execution) -> R>(
        &self,
        arn: &DurableExecutionArn,
        f: F,
    ) -> Result<R, F> {
        let id = ExecutionId::from(arn);
        let answer = self.request(|dispatcher, token, _| dispatcher.read(&id, token)).await;
        if !matches!(answer, Ok(Answer::Readable)) {
            return Err(f);
        }
        self.with_recorded(&id, |execution| match execution {
            Some(execution) if execution.arn() == arn => Ok(f(execution)),
            Some(_) | None => Err(f),
        })
    }

    async fn read_loaded<R>(
        &self,
        arn: &DurableExecutionArn,
        f: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        let _permit = self.load_permits().to_read().await;
        let loaded = self.loaded(&ExecutionId::from(arn)).await?;
        let loaded = loaded.filter(|loaded| loaded.execution.arn() == arn);
        Ok(loaded.map(|loaded| f(&loaded.execution)))
    }

    /// Reads an execution that has ended from its first and last events, without its operations.
    async fn read_closed(&self, arn: &DurableExecutionArn) -> Result<Option<Execution>, RecordError> {
        let Some(row) = self.row(arn).await?.filter(|row| row.ended_at.is_some()) else { return Ok(None) };
        let id = row.execution_id.as_str();
        let first = parse(self.store().events(id, 0, 1).await?, id, 0).await?.pop();
        let last = self.store().last_events(id, Execution::EVENTS_SINCE_END).await?;
        // If the record is damaged, the caller falls back to reading all of it, which reports the damaged event.
        let last = parse(last, id, 0).await.unwrap_or_default();
        let last = last.into_iter().rev();
        Ok(first.and_then(|first| Execution::replay_ends(first, last)))
    }

    /// Reads a page of an execution's operations, as GetDurableExecutionState does. Returns `None` if the execution
    /// does not exist.
    pub async fn state_page(
        &self,
        arn: &DurableExecutionArn,
        request: GetStateRequest,
    ) -> Result<Option<GetStateResponse>, ServiceError> {
        let rules = self.rules();
        let page = self.read(arn, |execution| execution.state_page(&request, rules));
        page.await?.transpose()
    }

    /// Reads an execution from the store.
    pub(crate) async fn loaded(&self, id: &ExecutionId) -> Result<Option<Loaded>, RecordError> {
        let Some(row) = self.store().execution(id.as_str()).await? else { return Ok(None) };
        let texts = self.store().events(id.as_str(), 0, u64::MAX).await?;
        if texts.is_empty() && self.store().execution(id.as_str()).await?.is_none() {
            // It was deleted between the two reads.
            return Ok(None);
        }
        let replayed = id.clone();
        let replay = move |texts| record::replay(texts, replayed.as_str());
        let execution = record::off_thread_if_long(texts, replay).await?;
        Ok(Some(Loaded { execution, is_imported: row.is_imported, wake_up: row.wake_up }))
    }
}
