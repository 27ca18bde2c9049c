//! A context: operations with a common scope, recorded with one result.

use durable_types::limits::MAX_CONTEXT_RESULT_BYTES;
use durable_types::{ErrorObject, Operation, OperationAction, OperationType, OperationUpdate};

use super::ended::ended;
use super::header::OperationHeader;
use super::transition::Transition;
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::fatal::Fatal;
use crate::settled::Settled;

#[derive(Debug)]
pub(crate) struct ContextOperation {
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    /// The body may run.
    Open(Record),
    Entered(Record),
    SavingSuccess,
    SavingFailure(ErrorObject),
}

/// Whether the end of the context is already recorded, so that its body runs only to rebuild the result.
#[derive(Debug)]
enum Record {
    None,
    /// It is, with this summary in place of the result.
    Ended(Option<String>),
}

/// The entry into a context whose body must run now.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What was recorded in place of a result that was too large.
    pub(crate) summary: Option<String>,
}

impl ContextOperation {
    /// Resumes from the journal.
    pub(crate) fn resume(recorded: Option<&mut Operation>) -> Result<(Self, Option<Settled>), Fatal> {
        let Some(recorded) = recorded else { return Ok((Self { state: State::New }, None)) };
        let details = recorded.take_context_details();
        let replay_children = details.replay_children == Some(true);
        let (record, settled) = match ended(recorded, || details.result, || details.error)? {
            Some(Settled::Succeeded(summary)) if replay_children => (Record::Ended(summary), None),
            settled => (Record::None, settled),
        };
        Ok((Self { state: State::Open(record) }, settled))
    }

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        let State::New = self.state else { return None };
        self.state = State::Open(Record::None);
        let update = OperationUpdate::start_context(String::new(), header.sub_type);
        Some(header.update(update, Urgency::Relaxed))
    }

    /// Returns the entry if the body must run now; only once.
    pub(crate) fn enter(&mut self) -> Option<Entry> {
        let State::Open(record) = &mut self.state else { return None };
        let (record, summary) = match record {
            Record::None => (Record::None, None),
            Record::Ended(summary) => (Record::Ended(None), summary.take()),
        };
        self.state = State::Entered(record);
        Some(Entry { summary })
    }

    /// Returns whether its start has not been queued to be recorded.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.state, State::New)
    }

    /// Returns whether the body is running only to rebuild the result.
    pub(crate) fn is_recorded(&self) -> bool {
        matches!(self.state, State::Entered(Record::Ended(_)))
    }

    /// Handles that the body has ended. A result that is too large is replaced by its summary, and rebuilt on replay.
    pub(crate) fn handle_finished(
        &mut self,
        result: Result<Option<String>, ErrorObject>,
        summary: Option<String>,
        header: &OperationHeader,
    ) -> Transition {
        let State::Entered(record) = &self.state else { return Transition::None };
        let is_recorded = matches!(record, Record::Ended(_));
        match result {
            Ok(_) if is_recorded => Transition::Settled(Settled::Succeeded(None)),
            Err(error) if is_recorded => Transition::Settled(Settled::failed(error)),
            Ok(result) => {
                self.state = State::SavingSuccess;
                Transition::Update(header.update(succeed(result, summary), Urgency::Awaited))
            }
            Err(error) => {
                self.state = State::SavingFailure(error.clone());
                let update = OperationUpdate::fail(String::new(), OperationType::Context, error);
                Transition::Update(header.update(update, Urgency::Awaited))
            }
        }
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        match (&mut self.state, action) {
            (State::SavingSuccess, OperationAction::Succeed) => Some(Settled::Succeeded(None)),
            (State::SavingFailure(error), OperationAction::Fail) => {
                Some(Settled::failed(std::mem::take(error)))
            }
            _ => None,
        }
    }
}

/// Returns the update for a success. A result that is missing or too large is replaced by its summary, and the
/// operations inside are kept to rebuild it.
fn succeed(result: Option<String>, summary: Option<String>) -> OperationUpdate {
    let keeps_children = match &result {
        Some(result) => result.len() > MAX_CONTEXT_RESULT_BYTES,
        None => summary.is_some(),
    };
    let result = if keeps_children { Some(summary.unwrap_or_default()) } else { result };
    let update = OperationUpdate::succeed(String::new(), OperationType::Context, result);
    if keeps_children { update.with_context_options(Some(true)) } else { update }
}
