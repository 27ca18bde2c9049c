//! What called functions receive, which may be known later than the call is claimed.

use super::Engine;
use crate::OperationKey;
use crate::operation::Machine;

impl Engine {
    /// Whether a call is yet to be started and waits for what the function receives.
    pub fn wants_input(&self, key: OperationKey) -> bool {
        let machine = self.slots.of(key).map(|slot| &slot.machine);
        matches!(machine, Some(Machine::Invoke(invoke)) if invoke.lacks_something())
    }

    /// What the called function receives.
    pub fn handle_input(&mut self, key: OperationKey, input: String) {
        let Some(slot) = self.slots.of_mut(key) else { return };
        let Machine::Invoke(invoke) = &mut slot.machine else { return };
        if !invoke.lacks_something() || self.contexts.is_closed(slot.context) {
            return;
        }
        invoke.remote.input = Some(input);
        let send = invoke.start(&slot.head);
        self.send(send);
    }

    /// There is nothing that the function could receive: the call ends before it begins, now as on replay.
    pub fn handle_input_refused(&mut self, key: OperationKey) {
        if self.wants_input(key)
            && let Some(slot) = self.slots.of_mut(key)
        {
            slot.is_done = true;
        }
    }
}
