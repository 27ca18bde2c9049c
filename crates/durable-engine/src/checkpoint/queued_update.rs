//! An update in the queue, with ids that are not yet encoded as text.

use durable_types::OperationUpdate;

use crate::barrier::Expectation;
use crate::identity::OperationId;

/// Whether the recording of an update is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It is sent as soon as the request in flight has been answered.
    Awaited,
    /// It is held back briefly so that later updates can join its batch.
    Relaxed,
}

/// An update in the queue. Its ids are encoded as text once, when it is sent.
#[derive(Debug, PartialEq)]
pub(crate) struct QueuedUpdate {
    /// The operation, or `None` for the execution itself, whose id is in the update.
    pub(crate) id: Option<OperationId>,
    pub(crate) parent: Option<OperationId>,
    /// The rest of the update.
    pub(crate) update: OperationUpdate,
    pub(crate) urgency: Urgency,
    /// Set if its record is a result for the handler.
    pub(crate) result: Option<Expectation>,
}

impl QueuedUpdate {
    /// Encodes the ids into the update.
    pub(super) fn encode(&mut self) -> &OperationUpdate {
        if let Some(id) = self.id
            && self.update.operation_id.is_empty()
        {
            self.update.operation_id = id.into();
            self.update.parent_id = self.parent.map(Into::into);
        }
        &self.update
    }
}
