//! The tie between a future and its operation, which ends when the future is dropped.

use std::sync::Arc;
use std::task::Context;

use durable_engine::{Claimed, NewOperation, OperationId, OperationKey, Progress, Settled};

use super::OperationName;
use crate::DurableContext;
use crate::shared::Shared;

/// An operation as its future holds it.
pub(crate) struct Handle<'c> {
    shared: &'c Arc<Shared>,
    state: State,
}

enum State {
    Settled(Settled),
    Live(OperationId, OperationKey),
    /// It never moves: the execution ends, or its end was taken.
    Over,
}

impl<'c> Handle<'c> {
    /// Claims the operation: from now on it has an id.
    pub(crate) fn claim(context: &'c DurableContext, name: &OperationName<'_>, new: NewOperation) -> Self {
        let state = match context.claim(name, new) {
            Claimed::Settled(_, settled) => State::Settled(settled),
            Claimed::Live(id, key) => State::Live(id, key),
            Claimed::Never => State::Over,
        };
        Self { shared: context.shared(), state }
    }

    /// What the operation asks of its future.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Progress {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Settled(settled) => Progress::Settled(settled),
            State::Live(id, key) => {
                self.state = State::Live(id, key);
                self.shared.poll(key, cx)
            }
            State::Over => Progress::Pending,
        }
    }

    pub(crate) fn shared(&self) -> &'c Arc<Shared> {
        self.shared
    }

    /// The key and the id of an operation that is driven in this invocation.
    pub(crate) fn live(&self) -> Option<(OperationId, OperationKey)> {
        match &self.state {
            State::Live(id, key) => Some((*id, *key)),
            State::Settled(_) | State::Over => None,
        }
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        if let State::Live(_, key) = self.state {
            self.shared.release(key);
        }
    }
}
