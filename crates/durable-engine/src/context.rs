//! Scopes that operations belong to: the handler's own, and one for every child context.

use crate::OperationId;
use crate::identity::Occurrences;
use crate::operation::OperationKey;

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
    /// The operation that is this context; none for the handler's own.
    pub(crate) id: Option<OperationId>,
    pub(crate) parent: Option<ContextKey>,
    /// Operations that are not recorded, in the order in which they were claimed.
    pub(crate) waiting: Vec<OperationKey>,
    /// Whether the body of the context has ended, so that nothing more may begin in it.
    pub(crate) closed: bool,
    /// Whether an operation was dropped before it ended, as the losers of a race are.
    pub(crate) abandoned: bool,
    occurrences: Occurrences,
}

impl Context {
    /// The id of the next operation with this subtype and name.
    pub(crate) fn next_id(&mut self, sub_type: &'static str, name: &str) -> OperationId {
        let occurrence = self.occurrences.next(sub_type, name);
        OperationId::derive(self.id, sub_type, name, occurrence)
    }
}

/// All contexts of an invocation.
#[derive(Debug)]
pub(crate) struct Contexts(Vec<Context>);

impl Contexts {
    /// The handler's own context alone.
    pub(crate) fn new() -> Self {
        let mut contexts = Self(Vec::new());
        contexts.open(None, None);
        contexts
    }

    /// Opens the context that is this operation.
    pub(crate) fn open(&mut self, id: Option<OperationId>, parent: Option<ContextKey>) -> ContextKey {
        self.0.push(Context {
            id,
            parent,
            waiting: Vec::new(),
            closed: false,
            abandoned: false,
            occurrences: Occurrences::default(),
        });
        ContextKey(self.0.len() - 1)
    }

    pub(crate) fn of(&self, key: ContextKey) -> Option<&Context> {
        self.0.get(key.0)
    }

    pub(crate) fn of_mut(&mut self, key: ContextKey) -> Option<&mut Context> {
        self.0.get_mut(key.0)
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
}
