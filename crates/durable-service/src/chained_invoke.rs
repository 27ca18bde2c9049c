//! Records the end of a chained invoke in the calling execution.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{OperationStatus, Timestamp};

use crate::chained_invoke_end::ChainedInvokeEnd;
use crate::event::{Event, OperationChanged};
use crate::execution::Execution;
use crate::operation::OperationChange;
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    pub(crate) fn handle_chained_invoke_ended(
        &mut self,
        operation_id: &str,
        end: ChainedInvokeEnd,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let is_awaited =
            !self.is_closed() && self.deadline() > now && self.records.call(operation_id).is_some();
        let recorded = self.records.find(operation_id);
        let recorded = recorded.filter(|it| is_awaited && it.status == OperationStatus::Started);
        let Some(operation) = recorded else {
            let message = format!("The call {operation_id} is not open.");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        };
        let change = OperationChange::ChainedInvoke(end.into_change(settings));
        let changed = OperationChanged::of(operation, change, now);
        let mut transition = Transition::new(self, settings, now);
        transition.emit(Event::OperationChanged(changed));
        transition.advance();
        Ok(transition.accepted())
    }
}
