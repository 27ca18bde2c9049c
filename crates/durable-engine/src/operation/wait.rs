//! A wait: suspends the execution until the service says that time has passed.

use durable_types::{Operation, OperationUpdate};

use super::{Head, Send, Settled, ended};
use crate::Fatal;
use crate::queue::Urgency;

#[derive(Debug)]
pub(crate) struct Wait {
    seconds: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    Starting,
    Waiting,
    Settled(Settled),
    Taken,
}

impl Wait {
    /// Resumes from what is recorded.
    pub(crate) fn resume(seconds: u64, recorded: Option<Operation>) -> Result<Self, Fatal> {
        let state = match recorded.map(|recorded| ended(&recorded, || None, || None)).transpose()? {
            None => State::New,
            Some(None) => State::Waiting,
            Some(Some(settled)) => State::Settled(settled),
        };
        Ok(Self { seconds, state })
    }

    pub(crate) fn take_settled(&mut self) -> Option<Settled> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Settled(settled) => Some(settled),
            other => {
                self.state = other;
                None
            }
        }
    }

    pub(crate) fn begin(&mut self, head: &Head) -> Option<Send> {
        let State::New = self.state else { return None };
        self.state = State::Starting;
        let update = OperationUpdate::start_wait(head.id_text(), self.seconds);
        Some(head.send(update, Urgency::Awaited))
    }

    pub(crate) fn handle_saved(&mut self) {
        if matches!(self.state, State::Starting) {
            self.state = State::Waiting;
        }
    }

    pub(crate) fn handle_recorded(&mut self, recorded: Operation) -> Result<(), Fatal> {
        if let Some(settled) = ended(&recorded, || None, || None)?
            && matches!(self.state, State::Starting | State::Waiting)
        {
            self.state = State::Settled(settled);
        }
        Ok(())
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.state, State::Waiting)
    }
}
