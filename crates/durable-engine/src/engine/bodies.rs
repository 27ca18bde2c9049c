//! Reports from the futures of operations: how bodies end, and values that become available later.

use durable_types::ErrorObject;

use super::Engine;
use crate::context::ContextKey;
use crate::fatal::Fatal;
use crate::operation::{Machine, Transition};
use crate::operation_key::OperationKey;
use crate::retry::RetryDecision;
use crate::size;

impl Engine {
    /// Handles that the body of an operation ended with this result.
    pub fn handle_succeeded(&mut self, key: OperationKey, result: Option<String>) {
        self.handle_summarized(key, result, None);
    }

    /// Handles that the body of a context ended with this result.
    ///
    /// The summary is recorded instead if the result is too large, or `None` because every invocation rebuilds it from
    /// the operations inside.
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

    /// Handles that a condition is not met; `state` is for the next check, if there is one.
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

    /// Handles that the body of an operation ended with this error. Only an attempt of a step can be retried.
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

    /// Returns whether a chained invoke has not started and is waiting for its payload.
    pub fn wants_input(&self, key: OperationKey) -> bool {
        let machine = self.operations.get(key).map(|operation| &operation.machine);
        matches!(machine, Some(Machine::Invoke(invoke)) if invoke.lacks_something())
    }

    /// Supplies the payload of a chained invoke, and a trace header in case the code set none.
    pub fn handle_input(&mut self, key: OperationKey, input: String, trace_header: Option<String>) {
        let Some(operation) = self.operations.get_mut(key) else { return };
        let Machine::Invoke(invoke) = &mut operation.machine else { return };
        if !invoke.lacks_something() {
            return;
        }
        invoke.remote.input = Some(input);
        let header = &mut invoke.remote.options.x_amzn_trace_id;
        *header = header.take().or(trace_header);
        if let Some(update) = invoke.start(&operation.header) {
            self.send(key, update);
        }
    }

    /// Handles that there is no payload to send: the chained invoke ends before it starts, live as on replay.
    pub fn handle_input_refused(&mut self, key: OperationKey) {
        if self.wants_input(key) {
            self.barrier.orphan(key);
        }
    }

    /// Declares that code outside sees the results of the context's items individually, not only as the context's
    /// result.
    pub fn expose_items(&mut self, context: ContextKey) {
        self.barrier.expose_results(self.contexts.gate(context));
    }

    /// Handles a decision of the code between its own futures; the future of the decision returns once it is recorded.
    pub fn handle_decided(&mut self, key: OperationKey, decision: String) {
        let Some(operation) = self.operations.get_mut(key) else { return };
        let Machine::Decision(machine) = &mut operation.machine else { return };
        for update in machine.handle_made(decision, &operation.header) {
            self.send(key, update);
        }
    }

    /// Checks that an operation that reports something is driven; if it is not, the engine has lost track of it.
    fn check_known(&mut self, key: OperationKey) -> bool {
        let is_known = self.operations.get(key).is_some();
        if !is_known {
            self.fail(Fatal::Bug("an operation reported how its body ended after its release".to_owned()));
        }
        is_known
    }

    /// Closes a context whose body ended: nothing may start in it any more, and no record may remain unclaimed.
    fn close_entered(&mut self, key: OperationKey, error: Option<&ErrorObject>) {
        let Some(operation) = self.operations.get(key) else { return };
        let Some(entered) = operation.entered else { return };
        let is_rebuilding = matches!(&operation.machine, Machine::Context(context) if context.is_recorded());
        // A batch that was complete before all items ended does not run the remaining items again.
        if !is_rebuilding {
            self.check_all_claimed(entered, error);
        }
        self.barrier.close_gate(self.contexts.gate(entered));
        self.close(entered);
    }
}
