//! Contexts: the namespaces that operation ids come from, and what encloses what.

use durable_types::sub_type;

use crate::barrier::GateKey;
use crate::claim::{Claimant, NewOperation};
use crate::identity::{Occurrences, OperationId};

/// Names a context of the engine that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContextKey(usize);

impl ContextKey {
    /// The handler's own context.
    pub const ROOT: Self = Self(0);
}

/// One namespace for operations.
#[derive(Debug)]
struct Context {
    /// Where its ids come from: the operation that is this context, or would be if it were recorded.
    id: Option<OperationId>,
    parent: Option<ContextKey>,
    name: Option<Box<str>>,
    /// How many contexts enclose it.
    depth: usize,
    /// The nearest recorded context: itself, or the one that encloses a virtual one.
    recorded_ancestor: ContextKey,
    /// The gate of that context.
    gate: GateKey,
    is_closed: bool,
    /// How many of its operations are driven in this invocation.
    live_operations: usize,
    occurrences: Occurrences,
}

/// All contexts of an invocation.
#[derive(Debug)]
pub(crate) struct Contexts(Vec<Context>);

impl Contexts {
    /// The handler's own context alone, behind this gate.
    pub(crate) fn new(gate: GateKey) -> Self {
        let mut contexts = Self(Vec::new());
        contexts.push(None, None, None, gate);
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
        self.push(Some(id), Some(parent), name, gate)
    }

    /// Makes room for so many more contexts.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.0.reserve(count);
    }

    /// Opens a context that is not recorded: its operations belong to the nearest recorded one.
    pub(crate) fn open_virtual(
        &mut self,
        id: OperationId,
        parent: ContextKey,
        name: Option<&str>,
    ) -> ContextKey {
        let (ancestor, gate) = (self.recorded_ancestor(parent), self.gate(parent));
        let key = self.push(Some(id), Some(parent), name, gate);
        if let Some(context) = self.0.get_mut(key.0) {
            context.recorded_ancestor = ancestor;
        }
        key
    }

    /// The id of the next operation that is claimed in a context; none if the name is not unique where it must be.
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

    /// The id of the next value of this kind and name that a context asks for; none as for [`next_id`](Self::next_id).
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

    /// The id of an operation that is not claimed yet.
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

    /// The id that a change of the code is recorded under, however often the code asks.
    pub(crate) fn patch_id(&self, key: ContextKey, change: &str) -> OperationId {
        OperationId::derive(self.id(key), sub_type::PATCH, change, 0)
    }

    /// How many contexts enclose a context.
    pub(crate) fn depth(&self, key: ContextKey) -> usize {
        self.0.get(key.0).map_or(0, |context| context.depth)
    }

    /// The nearest recorded context.
    pub(crate) fn recorded_ancestor(&self, key: ContextKey) -> ContextKey {
        self.0.get(key.0).map_or(key, |context| context.recorded_ancestor)
    }

    /// The operation that operations of this context belong to; none at the top level.
    pub(crate) fn recorded_id(&self, key: ContextKey) -> Option<OperationId> {
        self.id(self.recorded_ancestor(key))
    }

    /// The gate at which new operations of this context wait.
    pub(crate) fn gate(&self, key: ContextKey) -> GateKey {
        self.0.get(key.0).map_or(GateKey::ROOT, |context| context.gate)
    }

    /// What messages call a context: by its name and those of the named contexts that enclose it.
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

    /// Whether the body of the context, or of one that encloses it, has ended.
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

    /// The body of a context has ended. Returns whether operations of it are still driven.
    pub(crate) fn close(&mut self, key: ContextKey) -> bool {
        self.0.get_mut(key.0).is_some_and(|context| {
            !std::mem::replace(&mut context.is_closed, true) && context.live_operations > 0
        })
    }

    /// One more operation of the context is driven.
    pub(crate) fn handle_inserted(&mut self, key: ContextKey) {
        if let Some(context) = self.0.get_mut(key.0) {
            context.live_operations += 1;
        }
    }

    /// One operation fewer of the context is driven.
    pub(crate) fn handle_removed(&mut self, key: ContextKey) {
        if let Some(context) = self.0.get_mut(key.0) {
            context.live_operations = context.live_operations.saturating_sub(1);
        }
    }

    /// Where the ids of a context come from; none at the top level.
    pub(crate) fn id(&self, key: ContextKey) -> Option<OperationId> {
        self.0.get(key.0)?.id
    }

    fn push(
        &mut self,
        id: Option<OperationId>,
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
