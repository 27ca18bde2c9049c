//! The members that all updates of an operation have in common.

use durable_types::{OperationUpdate, SmallString};

use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::identity::OperationId;

/// The identity of an operation, as contained in its updates.
#[derive(Debug)]
pub(crate) struct OperationHeader {
    pub(crate) id: OperationId,
    pub(crate) parent: Option<OperationId>,
    pub(crate) name: Option<SmallString>,
    pub(crate) sub_type: &'static str,
}

impl OperationHeader {
    /// Completes an update with the name and subtype.
    pub(crate) fn update(&self, mut update: OperationUpdate, urgency: Urgency) -> QueuedUpdate {
        update.name = self.name.clone();
        update.sub_type = Some(self.sub_type.into());
        QueuedUpdate { id: Some(self.id), parent: self.parent, update, urgency, result: None }
    }
}
