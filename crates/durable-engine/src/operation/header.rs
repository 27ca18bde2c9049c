//! What every update of an operation says about it.

use durable_types::OperationUpdate;

use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::identity::OperationId;

/// The identity of an operation, as its updates carry it.
#[derive(Debug)]
pub(crate) struct OperationHeader {
    pub(crate) id: OperationId,
    pub(crate) parent: Option<OperationId>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) sub_type: &'static str,
}

impl OperationHeader {
    /// Completes an update with name and subtype.
    pub(crate) fn update(&self, mut update: OperationUpdate, urgency: Urgency) -> QueuedUpdate {
        update.name = self.name.as_deref().map(str::to_owned);
        update.sub_type = Some(self.sub_type.to_owned());
        QueuedUpdate { id: Some(self.id), parent: self.parent, update, urgency, result: None }
    }
}
