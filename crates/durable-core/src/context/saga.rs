//! The context methods that only sagas use.

use durable_engine::{NewOperation, OperationId, StepSemantics};
use durable_types::Operation;

use super::context::DurableContext;
use crate::name::OperationName;
use crate::scope::{Place, current};

impl DurableContext {
    /// Returns the id of the step that would be claimed next with this name, and its record, if any.
    pub(crate) fn recorded_step(&self, name: &OperationName<'_>) -> (OperationId, Option<Operation>) {
        let new = NewOperation::Step { semantics: StepSemantics::default() };
        self.shared.drive(|engine| {
            let (id, recorded) = engine.peek(self.key, name.as_deref(), &new);
            (id, recorded.cloned())
        })
    }

    /// Returns whether the code being polled runs again on replay whenever the body that owns this context does.
    pub(crate) fn is_in_scope(&self) -> bool {
        match current().map(|scope| scope.place) {
            Some(Place::Context(key)) => self.shared.drive(|engine| engine.share_records(self.key, key)),
            Some(Place::Step(_)) => false,
            None => true,
        }
    }
}
