//! The tie between a future and its operation, which ends when the future is dropped.

use std::sync::Arc;
use std::task::Context;

use durable_engine::{Claimed, NewOperation, OperationId, OperationKey, Progress, Settled};

use super::OperationName;
use crate::DurableContext;
use crate::shared::Shared;

/// What a claim got.
pub(crate) enum Claim<'c> {
    /// The operation ended in an earlier invocation.
    Settled(Settled),
    /// It is driven in this one.
    Live(LiveHandle<'c>),
    /// The execution is about to end.
    Never,
}

impl<'c> Claim<'c> {
    /// Claims an operation: from now on it has an id.
    pub(crate) fn make(context: &'c DurableContext, name: &OperationName<'_>, new: NewOperation) -> Self {
        match context.claim(name, new) {
            Claimed::Settled(_, settled) => Self::Settled(settled),
            Claimed::Live(id, key) => Self::Live(LiveHandle { shared: context.shared(), id, key }),
            Claimed::Never => Self::Never,
        }
    }
}

/// An operation that is driven in this invocation.
pub(crate) struct LiveHandle<'c> {
    pub(crate) shared: &'c Arc<Shared>,
    pub(crate) id: OperationId,
    pub(crate) key: OperationKey,
}

impl LiveHandle<'_> {
    /// What the operation asks of its future.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Progress {
        self.shared.poll(self.key, cx)
    }
}

impl Drop for LiveHandle<'_> {
    fn drop(&mut self) {
        self.shared.release(self.key);
    }
}
