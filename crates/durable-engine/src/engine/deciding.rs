//! Decisions of the code between its own futures, and values that follow from where the code asks for them.

use super::Engine;
use crate::operation::{Machine, Settled};
use crate::{ContextKey, OperationKey, jitter};

impl Engine {
    /// What the code decided in an earlier invocation, if its future is still held back.
    pub fn decided(&self, key: OperationKey) -> Option<&str> {
        let slot = self.slots.of(key)?;
        match (&slot.machine, &slot.held) {
            (Machine::Decision(_), Some((_, Settled::Succeeded(decision)))) => decision.as_deref(),
            _ => None,
        }
    }

    /// The code decided; its future goes on when that is recorded.
    pub fn handle_decided(&mut self, key: OperationKey, decision: String) {
        let context = self.slots.of(key).map(|slot| slot.context);
        if context.is_none_or(|context| self.contexts.is_closed(context)) {
            return;
        }
        let Some(slot) = self.slots.of_mut(key) else { return };
        let Machine::Decision(machine) = &mut slot.machine else { return };
        for send in machine.handle_made(decision, &slot.head) {
            self.send(Some(send));
        }
    }

    /// Bytes that look like chance and are the same on every replay: they follow from the execution, the context, the
    /// kind of value and the name, and from how often the context asked for those before.
    pub fn derive(&mut self, context: ContextKey, kind: &'static str, name: Option<&str>) -> [u8; 16] {
        let id = self.contexts.next_value_id(context, kind, name);
        jitter::bytes(&self.execution_arn, id)
    }
}
