//! Scopes that operations belong to: the handler's own, and one for every child context.

use std::collections::BTreeMap;

use durable_types::sub_type;

use crate::identity::Occurrences;
use crate::operation::OperationKey;
use crate::{NewOperation, OperationId};

/// Names a context of the engine that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContextKey(usize);

impl ContextKey {
    /// The handler's own context.
    pub const ROOT: Self = Self(0);
}

/// One scope, with the operations that wait behind its replay barrier.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where its ids come from: the operation that is this context, or would be if it is not recorded.
    id: Option<OperationId>,
    parent: Option<ContextKey>,
    /// How many contexts are around it.
    depth: usize,
    /// The nearest context that is recorded: itself, or the one around a virtual one. It has the barrier.
    home: ContextKey,
    /// Operations that are not recorded, by the order in which they were claimed.
    pub(crate) waiting: BTreeMap<u64, OperationKey>,
    /// How many of its operations have ended, but are held back.
    pub(crate) held: usize,
    /// Whether the body of the context has ended, so that nothing more may begin in it.
    pub(crate) closed: bool,
    /// Whether an operation was dropped before it ended, as the losers of a race are.
    pub(crate) abandoned: bool,
    /// Whether some of what is recorded in it will not be claimed.
    pub(crate) has_leftovers: bool,
    /// Whether an operation has begun that is not recorded, though others that are may be left over.
    pub(crate) is_past_replay: bool,
    /// Whether its end is recorded, so that it is just built again.
    pub(crate) is_built_again: bool,
    occurrences: Occurrences,
}

/// All contexts of an invocation.
#[derive(Debug)]
pub(crate) struct Contexts(Vec<Context>);

impl Contexts {
    /// The handler's own context alone.
    pub(crate) fn new() -> Self {
        let mut contexts = Self(Vec::new());
        contexts.push(None, None, ContextKey::ROOT);
        contexts
    }

    /// Opens the context that is this operation.
    pub(crate) fn open(&mut self, id: OperationId, parent: ContextKey) -> ContextKey {
        let own = ContextKey(self.0.len());
        self.push(Some(id), Some(parent), own)
    }

    /// Opens a context that is not recorded: its operations belong to the nearest one that is.
    pub(crate) fn open_virtual(&mut self, id: OperationId, parent: ContextKey) -> ContextKey {
        let home = self.home(parent);
        self.push(Some(id), Some(parent), home)
    }

    pub(crate) fn of(&self, key: ContextKey) -> Option<&Context> {
        self.0.get(key.0)
    }

    pub(crate) fn of_mut(&mut self, key: ContextKey) -> Option<&mut Context> {
        self.0.get_mut(key.0)
    }

    /// The id of the next operation that is claimed in a context.
    pub(crate) fn next_id(&mut self, key: ContextKey, name: Option<&str>, new: &NewOperation) -> OperationId {
        let sub_type = new.sub_type();
        if let Some(index) = new.index() {
            let id = self.of(key).and_then(|context| context.id);
            return OperationId::derive(id, sub_type, "", index);
        }
        self.next_value_id(key, sub_type, name)
    }

    /// The id of the next thing of this kind and name that a context asks for.
    pub(crate) fn next_value_id(&mut self, key: ContextKey, kind: &str, name: Option<&str>) -> OperationId {
        let id = self.of(key).and_then(|context| context.id);
        let name = name.unwrap_or_default();
        let first = OperationId::derive(id, kind, name, 0);
        match self.of_mut(key).map_or(0, |context| context.occurrences.next(first)) {
            0 => first,
            occurrence => OperationId::derive(id, kind, name, occurrence),
        }
    }

    /// The same id, for an operation that is not claimed yet.
    pub(crate) fn peek_id(&self, key: ContextKey, name: Option<&str>, new: &NewOperation) -> OperationId {
        let id = self.of(key).and_then(|context| context.id);
        let sub_type = new.sub_type();
        if let Some(index) = new.index() {
            return OperationId::derive(id, sub_type, "", index);
        }
        let name = name.unwrap_or_default();
        let first = OperationId::derive(id, sub_type, name, 0);
        match self.of(key).map_or(0, |context| context.occurrences.count(first)) {
            0 => first,
            occurrence => OperationId::derive(id, sub_type, name, occurrence),
        }
    }

    /// The id that a change of code is recorded under, however often the code asks.
    pub(crate) fn patch_id(&self, key: ContextKey, change: &str) -> OperationId {
        OperationId::derive(self.of(key).and_then(|context| context.id), sub_type::PATCH, change, 0)
    }

    /// How many contexts are around a context.
    pub(crate) fn depth(&self, key: ContextKey) -> usize {
        self.of(key).map_or(0, |context| context.depth)
    }

    /// The nearest context that is recorded.
    pub(crate) fn home(&self, key: ContextKey) -> ContextKey {
        self.of(key).map_or(key, |context| context.home)
    }

    /// The operation that operations of this context belong to; none at the top level.
    pub(crate) fn recorded_id(&self, key: ContextKey) -> Option<OperationId> {
        self.of(self.home(key))?.id
    }

    /// Whether the end of the context is recorded, so that it is just built again.
    pub(crate) fn is_built_again(&self, key: ContextKey) -> bool {
        self.of(key).is_some_and(|context| context.is_built_again)
    }

    /// Whether the context, or one around it, has ended.
    pub(crate) fn is_closed(&self, key: ContextKey) -> bool {
        let mut next = Some(key);
        while let Some(context) = next.and_then(|key| self.of(key)) {
            if context.closed {
                return true;
            }
            next = context.parent;
        }
        false
    }

    fn push(&mut self, id: Option<OperationId>, parent: Option<ContextKey>, home: ContextKey) -> ContextKey {
        let depth = parent.map_or(0, |parent| self.depth(parent).saturating_add(1));
        self.0.push(Context {
            id,
            parent,
            depth,
            home,
            waiting: BTreeMap::new(),
            held: 0,
            closed: false,
            abandoned: false,
            has_leftovers: false,
            is_past_replay: false,
            is_built_again: false,
            occurrences: Occurrences::default(),
        });
        ContextKey(self.0.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_peeked_is_that_of_the_next_claim() {
        let mut contexts = Contexts::new();
        let wait = NewOperation::Wait { seconds: 1 };
        let item = NewOperation::Context { sub_type: sub_type::MAP_ITERATION, index: Some(3) };

        for new in [&wait, &wait, &item] {
            let peeked = contexts.peek_id(ContextKey::ROOT, Some("pause"), new);

            assert_eq!(contexts.peek_id(ContextKey::ROOT, Some("pause"), new), peeked);
            assert_eq!(contexts.next_id(ContextKey::ROOT, Some("pause"), new), peeked);
        }
    }
}
