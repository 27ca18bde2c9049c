//! The operations that this invocation drives.

use durable_types::Timestamp;

use super::header::OperationHeader;
use super::machine::Machine;
use crate::context::ContextKey;
use crate::identity::{IdMap, OperationId};
use crate::operation_key::OperationKey;

/// An operation that this invocation drives: its machine and its position in the code.
#[derive(Debug)]
pub(crate) struct LiveOperation {
    pub(crate) header: OperationHeader,
    pub(crate) context: ContextKey,
    pub(crate) machine: Machine,
    /// When it ended, if that is recorded but its result has to be rebuilt.
    pub(crate) ended_at: Option<Timestamp>,
    /// The context in which its body runs, if the operation is a context that was entered.
    pub(crate) entered: Option<ContextKey>,
}

/// The operations that this invocation drives, by key and by id.
#[derive(Debug, Default)]
pub(crate) struct LiveOperations {
    by_index: Vec<Option<(OperationKey, Box<LiveOperation>)>>,
    by_id: IdMap<OperationKey>,
}

impl LiveOperations {
    pub(crate) fn insert(&mut self, key: OperationKey, operation: LiveOperation) {
        self.by_id.insert(operation.header.id, key);
        if self.by_index.len() <= key.index() {
            self.by_index.resize_with(key.index() + 1, || None);
        }
        if let Some(entry) = self.by_index.get_mut(key.index()) {
            *entry = Some((key, Box::new(operation)));
        }
    }

    pub(crate) fn remove(&mut self, key: OperationKey) -> Option<LiveOperation> {
        let (_, operation) = self.by_index.get_mut(key.index())?.take_if(|(own, _)| *own == key)?;
        self.by_id.remove(&operation.header.id);
        Some(*operation)
    }

    pub(crate) fn get(&self, key: OperationKey) -> Option<&LiveOperation> {
        let (own, operation) = self.by_index.get(key.index())?.as_ref()?;
        (*own == key).then_some(operation.as_ref())
    }

    pub(crate) fn get_mut(&mut self, key: OperationKey) -> Option<&mut LiveOperation> {
        let (own, operation) = self.by_index.get_mut(key.index())?.as_mut()?;
        (*own == key).then_some(operation.as_mut())
    }

    pub(crate) fn key(&self, id: OperationId) -> Option<OperationKey> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (OperationKey, &LiveOperation)> {
        self.by_index.iter().flatten().map(|(key, operation)| (*key, operation.as_ref()))
    }
}
