//! A callback: a result that an external system delivers, under an id that the service assigns.

use durable_types::{Operation, OperationUpdate, Timestamp};

use super::ended::ended;
use super::header::OperationHeader;
use super::remote::{Remote, RemoteOperation};
use super::resumed::Resumed;
use super::transition::Transition;
use crate::checkpoint::QueuedUpdate;
use crate::fatal::Fatal;
use crate::settled::Settled;

#[derive(Debug)]
pub(crate) struct Callback {
    operation: RemoteOperation<Timeouts>,
    creation: Creation,
}

/// The creation of the callback, which has a result of its own: the id.
#[derive(Debug)]
enum Creation {
    /// The service has not assigned the id.
    Unknown,
    /// The id is on its way to the future; the answer follows it, if it is already known.
    Announced(Option<Answer>),
    /// The future has received the id.
    Consumed,
}

/// The outcome of a callback, and when the service recorded it, if known.
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

    fn ended(&self, recorded: &mut Operation) -> Result<Option<Settled>, Fatal> {
        let details = recorded.take_callback_details();
        ended(recorded, || details.result, || details.error)
    }
}

impl Callback {
    /// Resumes from the journal: first the id, as it was live, then the answer.
    pub(crate) fn resume(
        timeouts: Timeouts,
        recorded: Option<&mut Operation>,
    ) -> Result<(Self, Resumed), Fatal> {
        let Some(recorded) = recorded else {
            let (operation, _) = RemoteOperation::resume(timeouts, None)?;
            return Ok((Self { operation, creation: Creation::Unknown }, Resumed::Unfinished));
        };
        let (at, callback_id) = (recorded.end_timestamp, callback_id(recorded));
        let (operation, settled) = RemoteOperation::resume(timeouts, Some(recorded))?;
        let answer = settled.map(|settled| (at, settled));
        Ok(match callback_id {
            Some(id) => (Self { operation, creation: Creation::Announced(answer) }, Resumed::Created(id)),
            None => (Self { operation, creation: Creation::Unknown }, Resumed::Unfinished),
        })
    }

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        self.operation.begin(header)
    }

    pub(crate) fn handle_saved(&mut self) {
        self.operation.handle_saved();
    }

    /// Handles the reported state of the operation: first its id, then its answer.
    pub(crate) fn handle_recorded(&mut self, recorded: &mut Operation) -> Result<Transition, Fatal> {
        let callback_id = match self.creation {
            Creation::Unknown => callback_id(recorded),
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

    /// Handles that the future has received the id. Returns the answer, if it is already known.
    pub(crate) fn handle_created(&mut self) -> Option<Answer> {
        match std::mem::replace(&mut self.creation, Creation::Consumed) {
            Creation::Announced(answer) => answer,
            Creation::Unknown | Creation::Consumed => None,
        }
    }

    /// Returns whether the id is on its way to the future.
    pub(crate) fn is_announced(&self) -> bool {
        matches!(self.creation, Creation::Announced(_))
    }

    /// Returns whether only the answer is missing, not the id.
    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.creation, Creation::Consumed) && self.operation.is_parked()
    }
}

fn callback_id(recorded: &Operation) -> Option<String> {
    recorded.callback_details()?.callback_id.clone()
}
