//! A callback: a result that another system delivers under an id that the service made.

use durable_types::{CallbackDetails, Operation, OperationUpdate};

use super::remote::{Remote, RemoteOperation};
use super::{Head, Moved, Send, Settled, ended};
use crate::Fatal;

#[derive(Debug)]
pub(crate) struct Callback {
    operation: RemoteOperation<Answer>,
    /// The id that the service made, until the future has been told.
    untold_id: Option<String>,
    is_told: bool,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) heartbeat_timeout_seconds: Option<u64>,
}

impl Remote for Answer {
    fn start(&mut self, id: String) -> OperationUpdate {
        let (timeout, heartbeat) = (self.timeout_seconds, self.heartbeat_timeout_seconds);
        let mut update = OperationUpdate::start_callback(id, timeout, heartbeat);
        if timeout.is_none() && heartbeat.is_none() {
            update.callback_options = None;
        }
        update
    }

    fn ended(&self, mut recorded: Operation) -> Result<Option<Settled>, Fatal> {
        let details = recorded.callback_details.take().map(|details| *details).unwrap_or_default();
        ended(&recorded, || details.result, || details.error)
    }
}

impl Callback {
    /// Resumes from what is recorded. One that has ended still tells its id first.
    pub(crate) fn resume(
        answer: Answer,
        recorded: Option<Operation>,
    ) -> Result<(Self, Option<Settled>), Fatal> {
        let untold_id = recorded.as_ref().and_then(id);
        let (operation, settled) = RemoteOperation::resume(answer, recorded)?;
        Ok((Self { operation, untold_id, is_told: false }, settled))
    }

    /// The id, once, as soon as it is known.
    pub(crate) fn tell_id(&mut self) -> Option<String> {
        let id = self.untold_id.take()?;
        self.is_told = true;
        Some(id)
    }

    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    pub(crate) fn begin(&mut self, head: &Head) -> Option<Send> {
        self.operation.begin(head)
    }

    pub(crate) fn handle_saved(&mut self) {
        self.operation.handle_saved();
    }

    pub(crate) fn handle_recorded(&mut self, recorded: Operation) -> Result<Moved, Fatal> {
        if !self.is_told && self.untold_id.is_none() {
            self.untold_id = id(&recorded);
        }
        self.operation.handle_recorded(recorded)
    }

    /// Whether only its answer is missing, not its id.
    pub(crate) fn is_parked(&self) -> bool {
        self.is_told && self.operation.is_parked()
    }
}

fn id(recorded: &Operation) -> Option<String> {
    let details: &CallbackDetails = recorded.callback_details.as_deref()?;
    details.callback_id.clone()
}
