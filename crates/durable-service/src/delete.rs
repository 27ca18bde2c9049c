//! Requests the deletion of an execution that has ended.

use durable_types::Timestamp;
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::event::{DeletionRequested, Event};
use crate::execution::Execution;
use crate::outcome::{Outcome, Reply};
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    /// Marks the execution for deletion. It is deleted once no invocation is in flight; its child executions are kept.
    pub(crate) fn handle_delete(
        &mut self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        if !self.is_closed() && self.deadline() > now {
            let message = "The execution has not ended; only an execution that has ended can be deleted.";
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        }
        let is_done = self.deletion_timestamp().is_some();
        let mut transition = Transition::new(self, settings, now);
        if !is_done {
            transition.elapse();
            transition.emit(Event::DeletionRequested(DeletionRequested { at: now }));
            transition.settle_deletion();
        }
        let requested_at = transition.execution.deletion_timestamp().unwrap_or(now);
        Ok(Outcome { reply: Reply::Deleting(requested_at), ..transition.accepted() })
    }
}
