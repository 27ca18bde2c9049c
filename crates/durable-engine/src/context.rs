//! Contexts: the namespaces of operation ids, and how they are nested.

use durable_types::sub_type;

use crate::barrier::GateKey;
use crate::claim::{Claimant, NewOperation};
use crate::identity::{ContextId, OperationId};
use crate::occurrences::Occurrences;

/// Identifies a context of the engine that created it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContextKey(usize);

impl ContextKey {
    /// The handler's own context.
    pub const ROOT: Self = Self(0);
}

/// A namespace of operations.
#[derive(Debug)]
struct Context {
    id: ContextId,
    parent: Option<ContextKey>,
    name: Option<Box<str>>,
    /// The number of enclosing contexts.
    depth: usize,
    /// The nearest recorded context: itself, or one that encloses a virtual context.
    recorded_ancestor: ContextKey,
    /// The gate of the nearest recorded context.
    gate: GateKey,
    is_closed: bool,
    /// The number of its operations that are driven in this invocation.
    live_operations: usize,
    occurrences: Occurrences,
}

/// All contexts of an invocation.
#[derive(Debug)]
pub(crate) struct Contexts(Vec<Context>);

impl Contexts {
    /// Creates the handler's own context, behind this gate.
    pub(crate) fn new(gate: GateKey) -> Self {
        let mut contexts = Self(Vec::new());
        contexts.push(ContextId::Root, None, None, gate);
        contexts
    }

    /// Opens the context of this operation, behind a gate of its own.
    pub(crate) fn open(
        &mut self,
        id: OperationId,
        parent: ContextKey,
        name: Option<&str>,
        gate: GateKey,
    ) -> ContextKey {
        self.push(ContextId::Operation(id), Some(parent), name, gate)
    }

    /// Reserves capacity for `count` more contexts.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.0.reserve(count);
    }

    /// Opens a context that is not recorded: its operations belong to the nearest recorded one.
    pub(crate) fn open_virtual(
        &mut self,
        id: ContextId,
        parent: ContextKey,
        name: Option<&str>,
    ) -> ContextKey {
        let (ancestor, gate) = (self.recorded_ancestor(parent), self.gate(parent));
        let key = self.push(id, Some(parent), name, gate);
        if let Some(context) = self.0.get_mut(key.0) {
            context.recorded_ancestor = ancestor;
        }
        key
    }

    /// Returns the id of the next operation claimed in a context, or `None` if the name is not unique where it must be.
    pub(crate) fn next_id(
        &mut self,
        key: ContextKey,
        name: Option<&str>,
        new: &NewOperation,
        claimant: Claimant,
    ) -> Option<OperationId> {
        match new.index() {
            Some(index) => Some(OperationId::derive(self.id(key), new.sub_type(), "", index)),
            None => self.next_value_id(key, new.sub_type(), name, claimant),
        }
    }

    /// Returns the id of the next value of this kind and name in a context, or `None` as for
    /// [`next_id`](Self::next_id).
    pub(crate) fn next_value_id(
        &mut self,
        key: ContextKey,
        kind: &str,
        name: Option<&str>,
        claimant: Claimant,
    ) -> Option<OperationId> {
        let (id, name) = (self.id(key), name.unwrap_or_default());
        let first = OperationId::derive(id, kind, name, 0);
        let occurrences = &mut self.0.get_mut(key.0)?.occurrences;
        Some(match occurrences.next(first, claimant)? {
            0 => first,
            occurrence => OperationId::derive(id, kind, name, occurrence),
        })
    }

    /// Returns the id of an operation that has not been claimed yet.
    pub(crate) fn peek_id(&self, key: ContextKey, name: Option<&str>, new: &NewOperation) -> OperationId {
        let (id, sub_type) = (self.id(key), new.sub_type());
        if let Some(index) = new.index() {
            return OperationId::derive(id, sub_type, "", index);
        }
        let name = name.unwrap_or_default();
        let first = OperationId::derive(id, sub_type, name, 0);
        match self.0.get(key.0).map_or(0, |context| context.occurrences.count(first)) {
            0 => first,
            occurrence => OperationId::derive(id, sub_type, name, occurrence),
        }
    }

    /// Returns the id under which a change of the code is recorded, however often the code asks.
    pub(crate) fn patch_id(&self, key: ContextKey, change: &str) -> OperationId {
        OperationId::derive(self.id(key), sub_type::PATCH, change, 0)
    }

    /// Returns the number of contexts that enclose a context.
    pub(crate) fn depth(&self, key: ContextKey) -> usize {
        self.0.get(key.0).map_or(0, |context| context.depth)
    }

    /// Returns the nearest recorded context.
    pub(crate) fn recorded_ancestor(&self, key: ContextKey) -> ContextKey {
        self.0.get(key.0).map_or(key, |context| context.recorded_ancestor)
    }

    /// Returns the operation to which operations of this context belong, or `None` at the top level.
    pub(crate) fn recorded_id(&self, key: ContextKey) -> Option<OperationId> {
        self.operation_id(self.recorded_ancestor(key))
    }

    /// Returns the gate at which new operations of this context wait.
    pub(crate) fn gate(&self, key: ContextKey) -> GateKey {
        self.0.get(key.0).map_or(GateKey::ROOT, |context| context.gate)
    }

    /// Returns the description of a context in messages: its name and those of the named contexts that enclose it.
    pub(crate) fn label(&self, key: ContextKey) -> String {
        let mut names = Vec::new();
        let mut is_named = true;
        let mut next = Some(key);
        while let Some(context) = next.and_then(|key| self.0.get(key.0)) {
            is_named &= !names.is_empty() || context.name.is_some();
            names.extend(context.name.as_deref().map(|name| format!("`{name}`")));
            next = context.parent;
        }
        match (names.is_empty(), is_named) {
            (true, _) if key == ContextKey::ROOT => "the context of the handler".to_owned(),
            (true, _) => "a context without a name".to_owned(),
            (false, true) => format!("context {}", names.join(" in ")),
            (false, false) => format!("a context in {}", names.join(" in ")),
        }
    }

    /// Returns whether the body of the context, or of one that encloses it, has ended.
    pub(crate) fn is_closed(&self, key: ContextKey) -> bool {
        let mut next = Some(key);
        while let Some(context) = next.and_then(|key| self.0.get(key.0)) {
            if context.is_closed {
                return true;
            }
            next = context.parent;
        }
        false
    }

    /// Closes a context whose body has ended. Returns whether operations of it are still driven.
    pub(crate) fn close(&mut self, key: ContextKey) -> bool {
        self.0.get_mut(key.0).is_some_and(|context| {
            !std::mem::replace(&mut context.is_closed, true) && context.live_operations > 0
        })
    }

    /// Notes that one more operation of the context is driven.
    pub(crate) fn handle_inserted(&mut self, key: ContextKey) {
        if let Some(context) = self.0.get_mut(key.0) {
            context.live_operations += 1;
        }
    }

    /// Notes that one fewer operation of the context is driven.
    pub(crate) fn handle_removed(&mut self, key: ContextKey) {
        if let Some(context) = self.0.get_mut(key.0) {
            context.live_operations = context.live_operations.saturating_sub(1);
        }
    }

    /// Returns the operation to which a context belongs, or `None` if it is that of the handler or of a flat item.
    pub(crate) fn operation_id(&self, key: ContextKey) -> Option<OperationId> {
        match self.id(key) {
            ContextId::Operation(id) => Some(id),
            ContextId::Root | ContextId::FlatItem { .. } => None,
        }
    }

    fn id(&self, key: ContextKey) -> ContextId {
        self.0.get(key.0).map_or(ContextId::Root, |context| context.id)
    }

    fn push(
        &mut self,
        id: ContextId,
        parent: Option<ContextKey>,
        name: Option<&str>,
        gate: GateKey,
    ) -> ContextKey {
        let key = ContextKey(self.0.len());
        self.0.push(Context {
            id,
            parent,
            name: name.map(Into::into),
            depth: parent.map_or(0, |parent| self.depth(parent).saturating_add(1)),
            recorded_ancestor: key,
            gate,
            is_closed: false,
            live_operations: 0,
            occurrences: Occurrences::default(),
        });
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_peeked_is_that_of_the_next_claim() {
        let mut contexts = Contexts::new(GateKey::ROOT);
        let wait = NewOperation::Wait { seconds: 1 };
        let item = NewOperation::Context { sub_type: sub_type::MAP_ITERATION, index: Some(3) };

        for new in [&wait, &wait, &item] {
            let peeked = contexts.peek_id(ContextKey::ROOT, Some("pause"), new);

            assert_eq!(contexts.peek_id(ContextKey::ROOT, Some("pause"), new), peeked);
            let claimed = contexts.next_id(ContextKey::ROOT, Some("pause"), new, Claimant::Handler);
            assert_eq!(claimed, Some(peeked));
        }
    }
}
