//! How bodies of users end, and what is recorded of that.

use durable_types::ErrorObject;

use super::{Engine, Failure};
use crate::operation::{Machine, Moved};
use crate::{OperationKey, jitter, size};

impl Engine {
    /// The body of an operation ended with this result.
    pub fn handle_succeeded(&mut self, key: OperationKey, result: Option<String>) {
        self.handle_summarized(key, result, None);
    }

    /// The body of a context ended with this result; should that be too large to record, its summary is.
    pub fn handle_summarized(&mut self, key: OperationKey, result: Option<String>, summary: Option<String>) {
        if !self.may_finish(key) {
            return;
        }
        let Some(slot) = self.slots.of_mut(key) else { return };
        let is_context = matches!(slot.machine, Machine::Context(_));
        if let (false, Some(error)) = (is_context, size::excess(result.as_deref())) {
            return self.handle_failed(key, error, Failure::Permanent);
        }
        let moved = match &mut slot.machine {
            Machine::Step(step) => Moved::Send(step.handle_succeeded(result, &slot.head)),
            Machine::WaitForCondition(condition) => {
                Moved::Send(condition.attempts.handle_succeeded(result, &slot.head))
            }
            Machine::Context(context) => context.handle_finished(Ok(result), summary, &slot.head),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => {
                Moved::Nothing
            }
        };
        self.moved(key, moved);
    }

    /// The check of a condition found it not met; this is the state for the next check.
    pub fn handle_unmet(&mut self, key: OperationKey, state: String) {
        if let Some(error) = size::excess(Some(&state)) {
            return self.handle_failed(key, error, Failure::Permanent);
        }
        if !self.may_finish(key) {
            return;
        }
        let Some(slot) = self.slots.of_mut(key) else { return };
        let Machine::WaitForCondition(condition) = &mut slot.machine else { return };
        let chance = jitter::fraction(&self.execution_arn, slot.head.id, condition.attempts.attempt());
        let send = condition.handle_unmet(state, chance, &slot.head);
        self.send(Some(send));
    }

    /// The body of an operation ended with this error.
    pub fn handle_failed(&mut self, key: OperationKey, error: ErrorObject, failure: Failure) {
        if !self.may_finish(key) {
            return;
        }
        let error = size::fit(error);
        let Some(slot) = self.slots.of_mut(key) else { return };
        let moved = match &mut slot.machine {
            Machine::Step(step) if failure == Failure::Retryable => {
                let chance = jitter::fraction(&self.execution_arn, slot.head.id, step.attempt());
                Moved::Send(step.handle_failed(error, chance, &slot.head))
            }
            Machine::Step(step) => Moved::Send(step.fail(error, &slot.head)),
            Machine::WaitForCondition(condition) => Moved::Send(condition.attempts.fail(error, &slot.head)),
            Machine::Context(context) => context.handle_finished(Err(error), None, &slot.head),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => {
                Moved::Nothing
            }
        };
        self.moved(key, moved);
    }

    /// Whether the end of a body may be recorded: its context has not ended before it.
    fn may_finish(&mut self, key: OperationKey) -> bool {
        self.close_entered(key);
        let context = self.slots.of(key).map(|slot| slot.context);
        context.is_some_and(|context| !self.contexts.is_closed(context))
    }

    /// The body of a context ended: nothing may begin in it any more, and nothing recorded may be left over.
    fn close_entered(&mut self, key: OperationKey) {
        let Some(slot) = self.slots.of(key) else { return };
        let Some(entered) = slot.entered else { return };
        // A batch that was complete before all its items ended does not run those again.
        if !matches!(&slot.machine, Machine::Context(context) if context.is_recorded()) {
            self.check_nothing_is_left(entered);
        }
        if let Some(context) = self.contexts.of_mut(entered) {
            context.closed = true;
        }
    }
}
