//! What the futures of operations report: how bodies end, and what is known only later.

use durable_types::ErrorObject;

use super::Engine;
use crate::context::ContextKey;
use crate::fatal::Fatal;
use crate::operation::{Machine, OperationKey, Transition};
use crate::retry::RetryDecision;
use crate::size;

impl Engine {
    /// The body of an operation ended with this result.
    pub fn handle_succeeded(&mut self, key: OperationKey, result: Option<String>) {
        self.handle_summarized(key, result, None);
    }

    /// The body of a context ended with this result. Its summary is recorded instead if the result is too large, or if
    /// there is none because each invocation builds it from the operations inside.
    pub fn handle_summarized(&mut self, key: OperationKey, result: Option<String>, summary: Option<String>) {
        if !self.check_known(key) {
            return;
        }
        self.close_entered(key, None);
        let Some(operation) = self.operations.get_mut(key) else { return };
        let is_context = matches!(operation.machine, Machine::Context(_));
        if let (false, Some(error)) = (is_context, size::excess(result.as_deref())) {
            return self.handle_failed(key, error, RetryDecision::Stop);
        }
        let transition = match &mut operation.machine {
            Machine::Step(step) => Transition::Update(step.handle_succeeded(result, &operation.header)),
            Machine::WaitForCondition(condition) => {
                Transition::Update(condition.attempts.handle_succeeded(result, &operation.header))
            }
            Machine::Context(context) => context.handle_finished(Ok(result), summary, &operation.header),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => {
                Transition::None
            }
        };
        let at = self.operations.get(key).and_then(|operation| operation.ended_at);
        self.apply(key, transition, at);
    }

    /// The check of a condition found it not met; this is the state for the next check, if there is one.
    pub fn handle_unmet(&mut self, key: OperationKey, state: String, decision: RetryDecision) {
        if let Some(error) = size::excess(Some(&state)) {
            return self.handle_failed(key, error, RetryDecision::Stop);
        }
        if !self.check_known(key) {
            return;
        }
        let Some(operation) = self.operations.get_mut(key) else { return };
        let Machine::WaitForCondition(condition) = &mut operation.machine else { return };
        let update = condition.handle_unmet(state, decision, &operation.header);
        self.send(key, update);
    }

    /// The body of an operation ended with this error. Only an attempt of a step can be followed by another.
    pub fn handle_failed(&mut self, key: OperationKey, error: ErrorObject, decision: RetryDecision) {
        if !self.check_known(key) {
            return;
        }
        let error = size::fit(error);
        self.close_entered(key, Some(&error));
        let Some(operation) = self.operations.get_mut(key) else { return };
        let transition = match &mut operation.machine {
            Machine::Step(step) => Transition::Update(step.handle_failed(error, decision, &operation.header)),
            Machine::WaitForCondition(condition) => {
                Transition::Update(condition.attempts.fail(error, &operation.header))
            }
            Machine::Context(context) => context.handle_finished(Err(error), None, &operation.header),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => {
                Transition::None
            }
        };
        let at = self.operations.get(key).and_then(|operation| operation.ended_at);
        self.apply(key, transition, at);
    }

    /// Whether a chained invoke is yet to be started and waits for its payload.
    pub fn wants_input(&self, key: OperationKey) -> bool {
        let machine = self.operations.get(key).map(|operation| &operation.machine);
        matches!(machine, Some(Machine::Invoke(invoke)) if invoke.lacks_something())
    }

    /// The payload of a chained invoke.
    pub fn handle_input(&mut self, key: OperationKey, input: String) {
        let Some(operation) = self.operations.get_mut(key) else { return };
        let Machine::Invoke(invoke) = &mut operation.machine else { return };
        if !invoke.lacks_something() {
            return;
        }
        invoke.remote.input = Some(input);
        if let Some(update) = invoke.start(&operation.header) {
            self.send(key, update);
        }
    }

    /// There is no payload to send: the chained invoke ends before it starts, now as on replay.
    pub fn handle_input_refused(&mut self, key: OperationKey) {
        if self.wants_input(key) {
            self.barrier.orphan(key);
        }
    }

    /// The results of the items of a context are visible outside one by one, not only together as its result.
    pub fn expose_items(&mut self, context: ContextKey) {
        self.barrier.expose_results(self.contexts.gate(context));
    }

    /// The code decided between futures of its own; its future returns when that is recorded.
    pub fn handle_decided(&mut self, key: OperationKey, decision: String) {
        let Some(operation) = self.operations.get_mut(key) else { return };
        let Machine::Decision(machine) = &mut operation.machine else { return };
        for update in machine.handle_made(decision, &operation.header) {
            self.send(key, update);
        }
    }

    /// Whether an operation is driven, as every one is that reports something; if not, we have lost track of it.
    fn check_known(&mut self, key: OperationKey) -> bool {
        let is_known = self.operations.get(key).is_some();
        if !is_known {
            self.fail(Fatal::Bug("an operation reported how its body ended after its release".to_owned()));
        }
        is_known
    }

    /// The body of a context ended: nothing may begin in it any more, and nothing recorded may be left unclaimed.
    fn close_entered(&mut self, key: OperationKey, error: Option<&ErrorObject>) {
        let Some(operation) = self.operations.get(key) else { return };
        let Some(entered) = operation.entered else { return };
        let is_rebuilding = matches!(&operation.machine, Machine::Context(context) if context.is_recorded());
        // A batch that was complete before all its items ended does not run those again.
        if !is_rebuilding {
            self.check_all_claimed(entered, error);
        }
        self.barrier.close_gate(self.contexts.gate(entered));
        self.close(entered);
    }
}
