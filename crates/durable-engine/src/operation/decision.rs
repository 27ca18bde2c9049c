//! A decision of the code between its own futures; nothing is recorded until it is made.

use durable_types::{Operation, OperationAction, OperationType, OperationUpdate};

use super::ended::ended;
use super::header::OperationHeader;
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::fatal::Fatal;
use crate::settled::Settled;

#[derive(Debug)]
pub(crate) struct Decision {
    /// Whether an earlier invocation started to record it.
    is_started: bool,
    is_made: bool,
}

impl Decision {
    /// Resumes from the journal.
    pub(crate) fn resume(recorded: Option<&mut Operation>) -> Result<(Self, Option<Settled>), Fatal> {
        let is_started = recorded.is_some();
        let settled = match recorded {
            None => None,
            Some(recorded) => {
                let details = recorded.take_step_details();
                ended(recorded, || details.result, || details.error)?
            }
        };
        Ok((Self { is_started, is_made: settled.is_some() }, settled))
    }

    /// Handles that the decision was made; only the first one counts.
    pub(crate) fn handle_made(&mut self, decision: String, header: &OperationHeader) -> Vec<QueuedUpdate> {
        if std::mem::replace(&mut self.is_made, true) {
            return Vec::new();
        }
        let start = OperationUpdate::start(String::new(), OperationType::Step);
        let start = (!self.is_started).then(|| header.update(start, Urgency::Relaxed));
        let succeed = OperationUpdate::succeed(String::new(), OperationType::Step, Some(decision));
        start.into_iter().chain([header.update(succeed, Urgency::Awaited)]).collect()
    }

    pub(crate) fn handle_saved(&self, action: &OperationAction) -> Option<Settled> {
        (self.is_made && *action == OperationAction::Succeed).then_some(Settled::Succeeded(None))
    }
}
