//! What sagas ask of a context.

use durable_engine::{NewOperation, OperationId, StepSemantics};
use durable_types::Operation;

use super::context::DurableContext;
use crate::name::OperationName;
use crate::scope::{Place, current};

impl DurableContext {
    /// The id of the step that would be claimed next with this name, and what is recorded of it.
    pub(crate) fn recorded_step(&self, name: &OperationName<'_>) -> (OperationId, Option<Operation>) {
        let new = NewOperation::Step { semantics: StepSemantics::default() };
        self.shared.drive(|engine| {
            let (id, recorded) = engine.peek(self.key, name.as_deref(), &new);
            (id, recorded.cloned())
        })
    }

    /// Whether the code that is being polled runs again on replay whenever the body that has this context does.
    pub(crate) fn is_in_scope(&self) -> bool {
        match current().map(|scope| scope.place) {
            Some(Place::Context(key)) => self.shared.drive(|engine| engine.share_records(self.key, key)),
            Some(Place::Step(_)) => false,
            None => true,
        }
    }
}
