//! Claims: how operations of the code are paired with recorded operations.

use durable_types::Operation;

use super::{Engine, Phase, origin_of};
use crate::barrier::{Claim, Tie};
use crate::claim::{Claimant, Claimed, NewOperation};
use crate::context::ContextKey;
use crate::divergence::{self, Named};
use crate::fatal::Fatal;
use crate::identity::OperationId;
use crate::markers as marker;
use crate::occurrences::not_reproducible;
use crate::operation::{LiveOperation, Machine, OperationHeader, OperationResult, Resumed};
use crate::operation_key::OperationKey;

/// The maximum nesting depth of contexts: each is polled inside the enclosing one, and the stack is limited.
const MAX_DEPTH: usize = 64;

impl Engine {
    /// Claims an operation of a context, under the name given by the code.
    ///
    /// This fixes the id: claims must be made in the order of the code, before anything is awaited.
    pub fn claim(
        &mut self,
        context: ContextKey,
        name: Option<&str>,
        new: NewOperation,
        claimant: Claimant,
    ) -> Claimed {
        if !matches!(self.phase, Phase::Running) {
            return Claimed::Never;
        }
        if claimant == Claimant::OtherTask && self.markers.handle_other_task(self.barrier.journal()) {
            marker::other_tasks().into_iter().for_each(|update| self.exchange.push(update));
        }
        let claimed = self.pair(context, name, new, claimant);
        while let Some(key) = self.barrier.next_admitted() {
            self.begin(key);
            self.barrier.wake(key);
        }
        claimed.unwrap_or_else(|fatal| {
            self.fail(fatal);
            Claimed::Never
        })
    }

    /// Returns the id that an operation would have if it were claimed now, and its record, if any.
    pub fn peek(
        &self,
        context: ContextKey,
        name: Option<&str>,
        new: &NewOperation,
    ) -> (OperationId, Option<&Operation>) {
        let id = self.contexts.peek_id(context, name, new);
        (id, self.barrier.journal().peek(id))
    }

    /// Returns whether other tasks of the runtime used operations in an earlier invocation, and therefore will again.
    pub fn has_other_tasks(&self) -> bool {
        self.barrier.journal().has_other_tasks()
    }

    /// Returns whether the operations of two contexts are recorded in the same context.
    pub fn share_records(&self, one: ContextKey, other: ContextKey) -> bool {
        self.contexts.recorded_ancestor(one) == self.contexts.recorded_ancestor(other)
    }

    /// Returns the description of a context in messages.
    pub fn context_label(&self, context: ContextKey) -> String {
        self.contexts.label(context)
    }

    /// Returns whether the body that owns a context has ended.
    pub fn has_ended(&self, context: ContextKey) -> bool {
        self.contexts.is_closed(context)
    }

    /// Handles that a spawned operation is awaited although its context, and the operation with it, has ended.
    pub fn handle_orphan_awaited(&mut self, context: ContextKey, operation: &str) {
        if self.has_ended(context) {
            let label = self.contexts.label(context);
            self.fail(Fatal::Misuse(format!(
                "spawned {operation} was awaited after the body of {label} had ended, which dropped it; await it in that body"
            )));
        }
    }

    fn pair(
        &mut self,
        context: ContextKey,
        name: Option<&str>,
        new: NewOperation,
        claimant: Claimant,
    ) -> Result<Claimed, Fatal> {
        self.check_claim(context, name, &new)?;
        let sub_type = new.sub_type();
        let id = self.contexts.next_id(context, name, &new, claimant);
        let Some(id) = id else { return Err(not_reproducible(name)) };
        let gate = self.contexts.gate(context);
        let is_exempt = matches!(new, NewOperation::Decision { .. });
        // The items of a finished batch are recorded as a set, and no code sees the result of one before the others.
        let is_whole = new.is_item() && self.barrier.is_rebuilding(gate);
        let item = new.index().zip(self.contexts.operation_id(context));
        let tie = item.map_or(Tie::from(id), |(index, batch)| Tie::item(batch, index));
        let (key, claim) = self.barrier.claim(gate, id, tie, is_exempt);
        let (recorded, waits) = match claim {
            Claim::Recorded(recorded) => (Some(recorded), false),
            Claim::Live => (None, false),
            Claim::Waiting => (None, true),
        };
        if let Some(recorded) = recorded.as_deref() {
            check_kind(recorded, name, &new)?;
        }
        let (began_at, ended_at) = recorded
            .as_deref()
            .map_or((None, None), |recorded| (recorded.start_timestamp, recorded.end_timestamp));
        let has_started = recorded.as_deref().is_some_and(|recorded| !recorded.status.is_terminal());
        let (machine, resumed) = Machine::resume(new, recorded)?;
        let callback_id = match resumed {
            Resumed::Settled(settled) if is_whole => {
                self.barrier.release(key);
                return Ok(Claimed::Settled(id, settled));
            }
            Resumed::Settled(settled) => {
                let recorded = (origin_of(&machine), ended_at.or(began_at));
                self.barrier.handle_settled(key, recorded, OperationResult::Recorded);
                return Ok(Claimed::Deferred(id, key, settled));
            }
            Resumed::Created(callback_id) => Some(callback_id),
            Resumed::Unfinished => None,
        };
        let header = OperationHeader {
            id,
            parent: self.contexts.recorded_id(context),
            name: name.map(Into::into),
            sub_type,
        };
        if let (Machine::Context(_), Some(at)) = (&machine, ended_at) {
            self.barrier.handle_rebuilding(key, at);
        }
        self.operations.insert(key, LiveOperation { header, context, machine, ended_at, entered: None });
        self.contexts.handle_inserted(context);
        if has_started {
            self.observe_resumed(id);
        }
        self.expect(key);
        if let Some(callback_id) = callback_id {
            self.settle(key, OperationResult::Created(callback_id), began_at);
        }
        if !waits {
            self.begin(key);
        }
        Ok(Claimed::Live(id, key))
    }

    /// Rejects a claim that is not allowed in its context.
    fn check_claim(&self, context: ContextKey, name: Option<&str>, new: &NewOperation) -> Result<(), Fatal> {
        let name = name.unwrap_or_default();
        if self.contexts.is_closed(context) {
            return Err(context_ended(&self.contexts.label(context), &format!("operation `{name}`")));
        }
        if self.contexts.depth(context) >= MAX_DEPTH && matches!(new, NewOperation::Context { .. }) {
            return Err(Fatal::Misuse(format!(
                "operation `{name}` would be nested in {MAX_DEPTH} other contexts, which is the limit; turn the recursion \
                 into a loop, or call another function with `invoke`",
            )));
        }
        Ok(())
    }

    /// Starts what is due: a new operation, the next attempt of a step, or the end of an interrupted step.
    pub(super) fn begin(&mut self, key: OperationKey) {
        let Some(operation) = self.operations.get_mut(key) else { return };
        if self.deadline.holds_back() && operation.machine.can_start_later() {
            return;
        }
        if let Some(update) = operation.machine.handle_admitted(&operation.header) {
            self.send(key, update);
        }
    }
}

/// Returns the error for starting something in a context that can no longer record anything.
pub(super) fn context_ended(context: &str, what: &str) -> Fatal {
    Fatal::Misuse(format!(
        "{what} was started in {context}, whose body has already ended; start it in the context that is still running, or \
         await it before its context ends"
    ))
}

/// Checks the kind of a record. The id covers the subtype, so this fails only if another SDK wrote the record.
fn check_kind(recorded: &Operation, name: Option<&str>, new: &NewOperation) -> Result<(), Fatal> {
    let fits = recorded.operation_type == new.operation_type()
        && recorded.sub_type.as_ref().is_none_or(|sub_type| sub_type == new.sub_type())
        && recorded
            .name
            .as_ref()
            .map_or(name.unwrap_or_default().is_empty(), |recorded| recorded == name.unwrap_or_default());
    if fits {
        return Ok(());
    }
    let claimed = Named { name, sub_type: new.sub_type() };
    Err(Fatal::NonDeterministic(divergence::mismatch(&claimed, &new.operation_type(), recorded)))
}
