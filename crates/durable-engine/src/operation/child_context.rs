//! A child context: a scope of its own, recorded with its result.

use durable_types::limits::MAX_CONTEXT_RESULT_BYTES;
use durable_types::{ErrorObject, Operation, OperationAction, OperationType, OperationUpdate};

use super::{Head, Send, Settled, ended};
use crate::Fatal;
use crate::queue::Urgency;

#[derive(Debug)]
pub(crate) struct ChildContext {
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    /// Its body may run; with `recorded`, only to build the result again.
    Open {
        recorded: bool,
    },
    Entered {
        recorded: bool,
    },
    Saving(Settled),
    Settled(Settled),
    Taken,
}

impl ChildContext {
    /// Resumes from what is recorded.
    pub(crate) fn resume(recorded: Option<Operation>) -> Result<Self, Fatal> {
        let Some(mut recorded) = recorded else { return Ok(Self { state: State::New }) };
        let details = recorded.context_details.take().map(|details| *details).unwrap_or_default();
        let replay_children = details.replay_children == Some(true);
        let state = match ended(&recorded, || details.result, || details.error)? {
            None => State::Open { recorded: false },
            Some(Settled::Succeeded(_)) if replay_children => State::Open { recorded: true },
            Some(settled) => State::Settled(settled),
        };
        Ok(Self { state })
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
        self.state = State::Open { recorded: false };
        let update = OperationUpdate::start_context(head.id_text(), head.sub_type);
        Some(head.send(update, Urgency::Relaxed))
    }

    /// Whether the body is to run now; said once.
    pub(crate) fn enter(&mut self) -> bool {
        let State::Open { recorded } = self.state else { return false };
        self.state = State::Entered { recorded };
        true
    }

    /// The body has ended.
    pub(crate) fn handle_finished(
        &mut self,
        result: Result<Option<String>, ErrorObject>,
        head: &Head,
    ) -> Option<Send> {
        let State::Entered { recorded } = self.state else { return None };
        let settled = match &result {
            Ok(_) => Settled::Succeeded(None),
            Err(error) => Settled::failed(error.clone()),
        };
        if recorded {
            self.state = State::Settled(settled);
            return None;
        }
        self.state = State::Saving(settled);
        let update = match result {
            Ok(result) => succeed(head, result),
            Err(error) => OperationUpdate::fail(head.id_text(), OperationType::Context, error),
        };
        Some(head.send(update, Urgency::Awaited))
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) {
        if *action == OperationAction::Start {
            return;
        }
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Saving(settled) => self.state = State::Settled(settled),
            other => self.state = other,
        }
    }
}

/// A result too large for its record is left out; the operations that lead to it are kept instead.
fn succeed(head: &Head, result: Option<String>) -> OperationUpdate {
    let is_large = result.as_ref().is_some_and(|result| result.len() > MAX_CONTEXT_RESULT_BYTES);
    let result = if is_large { Some(String::new()) } else { result };
    let update = OperationUpdate::succeed(head.id_text(), OperationType::Context, result);
    if is_large { update.with_context_options(Some(true)) } else { update }
}
