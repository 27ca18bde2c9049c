//! Reports which executions have changed, for readers that follow all of them.

use std::sync::Arc;

use durable_service::{Event, ExecutionId};

use crate::change_queue::{ChangeQueue, ChangeSender, ChangedExecutions};
use crate::error::RecordError;
use crate::history::WINDOW;
use crate::host::Host;
use crate::record::parse;

/// The executions of which further events were recorded, of all executions of a service.
///
/// Executions are reported, not events: the reader [reads](Host::recorded_events) those that it has not seen. An execution
/// that changes several times before it is read is reported once, so following all executions slows none of them down,
/// however slow the reader is, and takes memory for a limited number of ids.
pub struct ExecutionChanges {
    queue: Arc<ChangeQueue>,
}

impl Host {
    /// Follows all executions from now on. At most `capacity` of them are queued.
    pub fn changes(&self, capacity: usize) -> ExecutionChanges {
        let queue = Arc::new(ChangeQueue::new(capacity));
        self.report_changes_to(ChangeSender::new(&queue));
        ExecutionChanges { queue }
    }

    /// Returns the next recorded events of an execution that follow event number `after`, and whether more may follow.
    ///
    /// # Errors
    /// Returns an error if the store fails or contains something else.
    pub async fn recorded_events(
        &self,
        id: &ExecutionId,
        after: u64,
    ) -> Result<(Vec<Event>, bool), RecordError> {
        let texts = self.store().events(id.as_str(), after, WINDOW).await?;
        let is_full = u64::try_from(texts.len()).is_ok_and(|read| read >= WINDOW);
        Ok((parse(texts, id.as_str(), after).await?, is_full))
    }
}

impl ExecutionChanges {
    /// Waits for changes. Returns `None` once the host has stopped and everything was reported.
    pub async fn next(&mut self) -> Option<ChangedExecutions> {
        self.queue.next().await
    }
}
