//! How operations of the code are paired with operations of the record.

use durable_types::{ErrorObject, Operation};

use super::{Engine, Failure, Phase};
use crate::divergence::{self, Named};
use crate::operation::{Head, Machine, Slot};
use crate::{Claimed, ContextKey, Fatal, NewOperation, OperationId, OperationKey};

/// How deep contexts go: each is polled inside of the one around it, and the stack has an end.
const MAX_DEPTH: usize = 100;

impl Engine {
    /// Claims an operation of a context, under the name its author gave it.
    ///
    /// The id is fixed here: claims must be made in the order of the code, before anything is awaited.
    pub fn claim(&mut self, context: ContextKey, name: Option<&str>, new: NewOperation) -> Claimed {
        if !matches!(self.phase, Phase::Running) {
            return Claimed::Never;
        }
        self.stalled_since = None;
        self.claims = self.claims.saturating_add(1);
        match self.pair(context, name, new) {
            Ok(claimed) => {
                self.admit(context);
                claimed
            }
            Err(fatal) => {
                self.fail(fatal);
                Claimed::Never
            }
        }
    }

    /// The id that an operation would have if it were claimed now, and what is recorded of it.
    pub fn peek(
        &self,
        context: ContextKey,
        name: Option<&str>,
        new: &NewOperation,
    ) -> (OperationId, Option<&Operation>) {
        let id = self.contexts.peek_id(context, name, new);
        (id, self.journal.peek(id))
    }

    /// Whether the operations of two contexts are recorded as those of one.
    pub fn share_records(&self, one: ContextKey, other: ContextKey) -> bool {
        self.contexts.home(one) == self.contexts.home(other)
    }

    fn pair(&mut self, context: ContextKey, name: Option<&str>, new: NewOperation) -> Result<Claimed, Fatal> {
        if self.contexts.is_closed(context) {
            return Err(Fatal::Misuse(format!(
                "operation `{}` was started in a context whose body has already ended; start it in the context \
                 that is still running, or await it before its context ends",
                name.unwrap_or_default(),
            )));
        }
        if self.contexts.depth(context) >= MAX_DEPTH && matches!(new, NewOperation::Context { .. }) {
            return Err(Fatal::Misuse(format!(
                "operation `{}` would be inside of {MAX_DEPTH} other contexts, which is as deep as they go; turn the \
                 recursion into a loop, or call another function with `invoke`",
                name.unwrap_or_default(),
            )));
        }
        let sub_type = new.sub_type();
        let id = self.contexts.next_id(context, name, &new);
        let parent = self.contexts.recorded_id(context);
        let recorded = self.journal.take(id);
        if let Some(recorded) = &recorded {
            check_kind(recorded, name, &new)?;
        }
        let is_decision = matches!(new, NewOperation::Decision { .. });
        if recorded.is_none() && !is_decision {
            self.note_new(context);
        }
        let may_begin = recorded.is_some() || is_decision || self.wishes.by_name;
        let ended_at = recorded.as_ref().and_then(|recorded| recorded.end_timestamp);
        // Which items a batch that has ended consists of is recorded; nobody sees one before the other.
        let ended_at = ended_at.filter(|_| !(new.is_item() && self.contexts.is_built_again(context)));
        let (machine, mut settled) = Machine::resume(new, recorded)?;
        let is_built_again = settled.is_none();
        let held = match ended_at {
            Some(ended_at) if self.must_hold(context, ended_at) => {
                settled.take().map(|held| (ended_at, held))
            }
            Some(_) | None => None,
        };
        if held.is_none()
            && !machine.speaks_before_its_end()
            && let Some(settled) = settled.take()
        {
            return Ok(Claimed::Settled(id, settled));
        }
        let head = Head { id, parent, name: name.map(Into::into), sub_type };
        let key = self.slots.insert(Slot {
            head,
            context,
            machine,
            settled,
            held,
            ended_at: ended_at.filter(|_| is_built_again),
            order: self.claims,
            is_waiting: !may_begin,
            is_awaited: false,
            is_done: false,
            entered: None,
        });
        if self.hold(key) {
            // Its result is handed out when its turn comes.
        } else if may_begin {
            self.resume(key);
        } else {
            self.wait_for_admission(context, key);
        }
        Ok(Claimed::Live(id, key))
    }

    /// Lets the new operations of a context begin though recorded ones have not been claimed.
    pub(super) fn admit_anyway(&mut self, context: ContextKey) {
        let home = self.contexts.home(context);
        let Some(context) = self.contexts.of_mut(home) else { return };
        for key in std::mem::take(&mut context.waiting).into_values() {
            self.resume(key);
            self.wake(key);
        }
    }

    fn wait_for_admission(&mut self, context: ContextKey, key: OperationKey) {
        let home = self.contexts.home(context);
        if let Some(context) = self.contexts.of_mut(home) {
            context.waiting.insert(self.claims, key);
        }
    }

    /// Lets the new operations of a context begin, once everything recorded there has been claimed.
    pub(super) fn admit(&mut self, context: ContextKey) {
        let is_replaying = self.is_replaying(context);
        let home = self.contexts.home(context);
        let Some(scope) = self.contexts.of_mut(home) else { return };
        if scope.waiting.is_empty() || is_replaying {
            return;
        }
        for key in std::mem::take(&mut scope.waiting).into_values() {
            self.resume(key);
            self.wake(key);
        }
    }

    /// Begins what is due: a new operation, the next attempt of a step, the end of an interrupted attempt.
    fn resume(&mut self, key: OperationKey) {
        let Some(slot) = self.slots.of_mut(key) else { return };
        slot.is_waiting = false;
        let send = slot.machine.handle_admitted(&slot.head);
        let is_interrupted = slot.machine.is_interrupted();
        let error = is_interrupted.then(|| interrupted(&slot.head));
        self.send(send);
        if let Some(error) = error {
            self.handle_failed(key, error, Failure::Retryable);
        }
    }
}

/// What an at-most-once step fails with when its attempt may or may not have done its work.
fn interrupted(head: &Head) -> ErrorObject {
    let name = head.name.as_deref().unwrap_or("without a name");
    ErrorObject::new(
        "StepInterruptedError",
        format!(
            "an attempt of step `{name}` began, and the invocation ended before its outcome was recorded"
        ),
    )
}

/// The id covers the subtype, so this only fails if the record was not written by this SDK.
fn check_kind(recorded: &Operation, name: Option<&str>, new: &NewOperation) -> Result<(), Fatal> {
    let fits = recorded.operation_type == new.operation_type()
        && recorded.sub_type.as_deref().is_none_or(|sub_type| sub_type == new.sub_type())
        && recorded.name.as_deref().unwrap_or_default() == name.unwrap_or_default();
    if fits {
        return Ok(());
    }
    let claimed = Named { name, sub_type: new.sub_type() };
    Err(Fatal::NonDeterministic(divergence::mismatch(&claimed, &new.operation_type(), recorded)))
}
