//! A callback: a result that another system delivers under an id that the service made.

use durable_types::{Operation, OperationUpdate, Timestamp};

use super::remote::{Remote, RemoteOperation};
use super::{OperationHeader, Settled, Transition, ended};
use crate::checkpoint::QueuedUpdate;
use crate::fatal::Fatal;

#[derive(Debug)]
pub(crate) struct Callback {
    operation: RemoteOperation<Timeouts>,
    creation: Creation,
}

/// How far the creation of the callback has come, which is a result of its own.
#[derive(Debug)]
enum Creation {
    /// The service has not said its id.
    Unknown,
    /// The id is on its way to the future; the answer, if it is known already, comes after it.
    Announced(Option<Answer>),
    /// The future has the id.
    Consumed,
}

/// How a callback ended, and when, if the service said so.
pub(crate) type Answer = (Option<Timestamp>, Settled);

#[derive(Debug)]
pub(crate) struct Timeouts {
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) heartbeat_timeout_seconds: Option<u64>,
}

impl Remote for Timeouts {
    fn start(&mut self) -> OperationUpdate {
        let (timeout, heartbeat) = (self.timeout_seconds, self.heartbeat_timeout_seconds);
        let mut update = OperationUpdate::start_callback(String::new(), timeout, heartbeat);
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
    /// Resumes from what is recorded: the id first, as it was live, and the answer after it.
    pub(crate) fn resume(
        timeouts: Timeouts,
        recorded: Option<Operation>,
    ) -> Result<(Self, Transition), Fatal> {
        let Some(recorded) = recorded else {
            let (operation, _) = RemoteOperation::resume(timeouts, None)?;
            return Ok((Self { operation, creation: Creation::Unknown }, Transition::None));
        };
        let (at, callback_id) = (recorded.end_timestamp, callback_id(&recorded));
        let (operation, settled) = RemoteOperation::resume(timeouts, Some(recorded))?;
        let answer = settled.map(|settled| (at, settled));
        Ok(match callback_id {
            Some(id) => (Self { operation, creation: Creation::Announced(answer) }, Transition::Created(id)),
            None => (Self { operation, creation: Creation::Unknown }, Transition::None),
        })
    }

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        self.operation.begin(header)
    }

    pub(crate) fn handle_saved(&mut self) {
        self.operation.handle_saved();
    }

    /// Takes over the state of the operation: its id first, then its answer.
    pub(crate) fn handle_recorded(&mut self, recorded: Operation) -> Result<Transition, Fatal> {
        let callback_id = match self.creation {
            Creation::Unknown => callback_id(&recorded),
            Creation::Announced(_) | Creation::Consumed => None,
        };
        let at = recorded.end_timestamp;
        let transition = self.operation.handle_recorded(recorded)?;
        if callback_id.is_some() {
            self.creation = Creation::Announced(None);
        }
        let Creation::Announced(answer) = &mut self.creation else { return Ok(transition) };
        if let Transition::Settled(settled) = transition {
            *answer = Some((at, settled));
        }
        Ok(callback_id.map_or(Transition::None, Transition::Created))
    }

    /// The future has the id. The answer follows, if it is known already.
    pub(crate) fn handle_created(&mut self) -> Option<Answer> {
        match std::mem::replace(&mut self.creation, Creation::Consumed) {
            Creation::Announced(answer) => answer,
            Creation::Unknown | Creation::Consumed => None,
        }
    }

    /// Whether the id is on its way to the future.
    pub(crate) fn is_announced(&self) -> bool {
        matches!(self.creation, Creation::Announced(_))
    }

    /// Whether only its answer is missing, not its id.
    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.creation, Creation::Consumed) && self.operation.is_parked()
    }
}

fn callback_id(recorded: &Operation) -> Option<String> {
    recorded.callback_details.as_ref()?.callback_id.clone()
}
