//! What waits, callbacks and chained invokes have in common: once started, the service carries them out.

use durable_types::{Operation, OperationUpdate, Timestamp};

use super::header::OperationHeader;
use super::transition::Transition;
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::fatal::Fatal;
use crate::settled::Settled;

/// The differences between such operations.
pub(crate) trait Remote {
    /// Returns whether everything needed to start it is known.
    fn is_ready(&self) -> bool {
        true
    }

    /// Returns the update that starts it, with its options.
    fn start(&mut self) -> OperationUpdate;

    /// Returns its outcome, if its record contains one.
    fn ended(&self, recorded: &mut Operation) -> Result<Option<Settled>, Fatal>;

    /// Returns when the service will advance it, if its record contains that.
    fn due(_recorded: &Operation) -> Option<Timestamp> {
        None
    }
}

/// An operation that the service carries out.
#[derive(Debug)]
pub(crate) struct RemoteOperation<R> {
    pub(crate) remote: R,
    state: State,
    due: Option<Timestamp>,
}

#[derive(Debug)]
enum State {
    New,
    /// It may start, and will when everything needed for that is known.
    Admitted,
    Starting,
    Waiting,
}

impl<R: Remote> RemoteOperation<R> {
    /// Resumes from the journal.
    pub(crate) fn resume(
        remote: R,
        recorded: Option<&mut Operation>,
    ) -> Result<(Self, Option<Settled>), Fatal> {
        let Some(recorded) = recorded else {
            return Ok((Self { remote, state: State::New, due: None }, None));
        };
        let due = R::due(recorded);
        let settled = remote.ended(recorded)?;
        Ok((Self { remote, state: State::Waiting, due }, settled))
    }

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        let State::New = self.state else { return None };
        self.state = State::Admitted;
        self.start(header)
    }

    /// Starts it, if it has been admitted and everything needed is known by now.
    pub(crate) fn start(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        if !matches!(self.state, State::Admitted) || !self.remote.is_ready() {
            return None;
        }
        self.state = State::Starting;
        Some(header.update(self.remote.start(), Urgency::Awaited))
    }

    /// Returns whether it has not been started and something needed for that is unknown.
    pub(crate) fn lacks_something(&self) -> bool {
        matches!(self.state, State::New | State::Admitted) && !self.remote.is_ready()
    }

    pub(crate) fn handle_saved(&mut self) {
        if matches!(self.state, State::Starting) {
            self.state = State::Waiting;
        }
    }

    pub(crate) fn handle_recorded(&mut self, recorded: &mut Operation) -> Result<Transition, Fatal> {
        self.due = R::due(recorded).or(self.due);
        Ok(self.remote.ended(recorded)?.map_or(Transition::None, Transition::Settled))
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.state, State::Waiting)
    }
}
