//! Deleting an execution that has ended, and when that happens by itself.

use std::time::Duration;

use durable_types::Timestamp;
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::event::{DeletionRequested, Event};
use crate::execution::Execution;
use crate::outcome::{Outcome, Reply};
use crate::settings::Settings;
use crate::turn::Turn;

const DAY: Duration = Duration::from_secs(86_400);

impl Execution {
    /// Since when it is being deleted, if it is.
    pub fn deletion_timestamp(&self) -> Option<Timestamp> {
        self.deleting_since
    }

    /// When it is forgotten without anybody asking for it; none while it has not ended.
    pub fn expires_at(&self, settings: &Settings) -> Option<Timestamp> {
        let days = self.durable_config().retention_period_in_days;
        let retention = DAY.saturating_mul(days.unwrap_or(settings.default_retention_days));
        self.end_timestamp().map(|ended_at| ended_at.saturating_add(retention))
    }

    /// Gives the execution up for deletion. It is deleted as soon as its last invocation has ended; its children stay.
    pub(crate) fn handle_delete(
        &mut self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        if !self.is_closed() && self.deadline() > now {
            let message = "The execution has not ended; only an execution that has ended can be deleted.";
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        }
        let is_done = self.deleting_since.is_some();
        let mut turn = Turn::new(self, settings, now);
        if !is_done {
            turn.elapse();
            turn.emit(Event::DeletionRequested(DeletionRequested { at: now }));
            turn.settle_deletion();
        }
        let requested_at = turn.execution.deleting_since.unwrap_or(now);
        Ok(Outcome { reply: Reply::Deleting(requested_at), ..turn.accepted() })
    }
}
