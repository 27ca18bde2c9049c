//! Reads executions: those in memory as recorded, the others from the store.

use durable_service::{Answer, Execution, ExecutionId, Loaded};
use durable_types::DurableExecutionArn;
use durable_types::api::{GetStateRequest, GetStateResponse, ServiceError};

use crate::error::RecordError;
use crate::host::Host;
use crate::record::{self, parse};

impl Host {
    /// Reads an execution as recorded. Returns `None` if there is no such execution.
    pub async fn read<R>(
        &self,
        arn: &DurableExecutionArn,
        look: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        match self.read_resident(arn, look).await {
            Ok(seen) => Ok(Some(seen)),
            Err(look) => self.read_loaded(arn, look).await,
        }
    }

    /// Reads an execution without its operations: its input, status and result. Once it has ended, this takes the same
    /// time however long its history is. Returns `None` if there is no such execution.
    pub async fn describe<R>(
        &self,
        arn: &DurableExecutionArn,
        look: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        let look = match self.read_resident(arn, look).await {
            Ok(seen) => return Ok(Some(seen)),
            Err(look) => look,
        };
        match self.ends(arn).await? {
            Some(execution) => Ok(Some(look(&execution))),
            None => self.read_loaded(arn, look).await,
        }
    }

    /// Reads an execution that is in memory, or returns the function.
    async fn read_resident<R, F: FnOnce(&Execution) -> R>(
        &self,
        arn: &DurableExecutionArn,
        look: F,
    ) -> Result<R, F> {
        let id = ExecutionId::from(arn);
        let answer = self.request(|dispatcher, token, _| dispatcher.read(&id, token)).await;
        if !matches!(answer, Ok(Answer::Readable)) {
            return Err(look);
        }
        self.with_recorded(&id, |execution| match execution {
            Some(execution) if execution.arn() == arn => Ok(look(execution)),
            Some(_) | None => Err(look),
        })
    }

    async fn read_loaded<R>(
        &self,
        arn: &DurableExecutionArn,
        look: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        let loaded = self.loaded(&ExecutionId::from(arn)).await?;
        let loaded = loaded.filter(|loaded| loaded.execution.arn() == arn);
        Ok(loaded.map(|loaded| look(&loaded.execution)))
    }

    /// Reads an execution that has ended, without its operations.
    async fn ends(&self, arn: &DurableExecutionArn) -> Result<Option<Execution>, RecordError> {
        let Some(row) = self.row(arn).await?.filter(|row| row.ended_at.is_some()) else { return Ok(None) };
        let id = row.execution_id.as_str();
        let first = parse(self.store().events(id, 0, 1).await?, id, 0).await?.pop();
        let last = self.store().last_events(id, Execution::EVENTS_SINCE_END).await?;
        // Reading all of a damaged record reports which event is damaged.
        let last = parse(last, id, 0).await.unwrap_or_default();
        let last = last.into_iter().rev();
        Ok(first.and_then(|first| Execution::replay_ends(first, last)))
    }

    /// Reads a page of the operations of an execution, as its invocation may. Returns `None` if there is no such
    /// execution.
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
        // The semaphore is never closed; without a permit it would only be busier here.
        let _permit = self.loads().acquire().await.ok();
        let Some(row) = self.store().execution(id.as_str()).await? else { return Ok(None) };
        let texts = self.store().events(id.as_str(), 0, u64::MAX).await?;
        if texts.is_empty() && self.store().execution(id.as_str()).await?.is_none() {
            // It was deleted just now.
            return Ok(None);
        }
        let replayed = id.clone();
        let replay = move |texts| record::replay(texts, replayed.as_str());
        let execution = record::off_thread_if_long(texts, replay).await?;
        Ok(Some(Loaded { execution, is_imported: row.is_imported, wake_up: row.wake_up }))
    }
}
