//! When an invocation ends, and with which answer.

use std::time::Duration;

use durable_types::limits::MAX_INVOCATION_OUTPUT_BYTES;
use durable_types::{ErrorObject, InvocationOutput, OperationType, OperationUpdate, Timestamp};

use super::{Engine, Exchange, Phase};
use crate::divergence::{self, Named};
use crate::operation::Slot;
use crate::queue::Urgency;
use crate::{ContextKey, Fatal, Idle, size};

/// How long a handler may await ordinary futures while new operations wait for recorded ones to be claimed.
const GRACE: Duration = Duration::from_secs(5);

impl Engine {
    /// The handler has ended, with its result as JSON or with an error.
    ///
    /// The answer follows from [`handle_idle`](Self::handle_idle) when everything queued has been recorded.
    pub fn handle_handler_finished(&mut self, result: Result<String, ErrorObject>) {
        self.check_nothing_is_left(ContextKey::ROOT);
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        let id = self.execution_arn.rsplit('/').next().unwrap_or_default().to_owned();
        let (answer, update) = answer(id, result);
        if let Some(update) = update {
            self.queue.push(update, Urgency::Awaited);
        }
        self.phase = Phase::Finishing(answer);
    }

    /// What is left to do, when the handler is pending or has ended and all outputs are taken.
    ///
    /// `may_wake` tells whether anything but the engine can wake the handler: a timer or a socket that it awaits.
    pub fn handle_idle(&mut self, now: Timestamp, may_wake: bool) -> Idle {
        match &self.phase {
            Phase::Failed(fatal) => {
                return Idle::Answer(InvocationOutput::Failed { error: Some(fatal.to_error_object()) });
            }
            Phase::Withheld => return Idle::Answer(InvocationOutput::Pending),
            Phase::Loading => return Idle::Wait,
            Phase::Running | Phase::Finishing(_) => {}
        }
        if matches!(self.phase, Phase::Running) && self.release_due() {
            return Idle::Again;
        }
        if !matches!(self.exchange, Exchange::None) {
            return Idle::Wait;
        }
        if !self.queue.is_empty() {
            return self.queue.deadline().map_or(Idle::Wait, Idle::Until);
        }
        if let Phase::Finishing(answer) = &self.phase {
            return Idle::Answer(answer.clone());
        }
        self.handle_stalled(now, may_wake)
    }

    /// A value is being written or read by something that takes time: until it has ended, the handler is not stalled.
    pub fn handle_work_began(&mut self) {
        self.work = self.work.saturating_add(1);
    }

    /// The value has been written or read, or nobody waits for it any more.
    pub fn handle_work_ended(&mut self) {
        self.work = self.work.saturating_sub(1);
    }

    /// The handler is pending and no request is under way or due.
    fn handle_stalled(&mut self, now: Timestamp, may_wake: bool) -> Idle {
        if self.release_tied() || self.release_beside_leftovers() {
            return Idle::Again;
        }
        let blocked = self.blocked_context();
        if self.work == 0 && (blocked.is_some() || !self.held.is_empty()) {
            let since = *self.stalled_since.get_or_insert(now);
            let patience_ends = since.saturating_add(GRACE);
            if may_wake && now < patience_ends {
                return Idle::Until(patience_ends);
            }
            if self.release_first() {
                return Idle::Again;
            }
        }
        let is_parked = |slot: &&Slot| slot.is_awaited && slot.is_parked();
        if self.work > 0 || self.slots.iter().any(|slot| slot.machine.is_running()) {
            let mut parked = self.slots.iter().filter(is_parked).peekable();
            if parked.peek().is_none() {
                return Idle::Wait;
            }
            let due = parked.filter_map(|slot| slot.machine.due()).min();
            return Idle::Until(self.refresh.plan(due, now));
        }
        if let Some(context) = blocked {
            let home = self.contexts.of(self.contexts.home(context));
            // The losers of a race may have got further when this was recorded than they get on replay.
            if home.is_some_and(|home| home.abandoned) {
                self.admit_anyway(context);
                return Idle::Again;
            }
            self.fail_diverged(context);
            return self.handle_idle(now, may_wake);
        }
        let mut parked = self.slots.iter().filter(is_parked).peekable();
        if parked.peek().is_none() {
            return Idle::Wait;
        }
        let due = parked.filter_map(|slot| slot.machine.due()).min();
        self.warm_until(due, now).map_or(Idle::Answer(InvocationOutput::Pending), Idle::Until)
    }

    /// A context where somebody awaits a new operation that waits for recorded ones to be claimed.
    fn blocked_context(&self) -> Option<ContextKey> {
        self.slots.iter().find(|slot| slot.is_awaited && slot.is_waiting).map(|slot| slot.context)
    }

    /// Fails the execution if the body of a context ended without claiming all that is recorded in it.
    pub(super) fn check_nothing_is_left(&mut self, context: ContextKey) {
        let is_home = self.contexts.home(context) == context;
        let abandoned = self.contexts.of(context).is_none_or(|scope| scope.abandoned);
        // The losers of a race may have got further when this was recorded than they get on replay.
        if is_home && !abandoned && !self.wishes.by_name && self.is_replaying(context) {
            self.fail_diverged(context);
        }
    }

    fn fail_diverged(&mut self, context: ContextKey) {
        let id = self.contexts.recorded_id(context);
        let Some(scope) = self.contexts.of(self.contexts.home(context)) else { return };
        let waiting = scope.waiting.values().filter_map(|key| self.slots.of(*key));
        let waiting =
            waiting.map(|slot| Named { name: slot.head.name.as_deref(), sub_type: slot.head.sub_type });
        let text = divergence::report(self.journal.unclaimed_records(id), waiting);
        self.fail(Fatal::NonDeterministic(text));
    }
}

/// The answer, and the update that carries what is too large for an answer.
fn answer(id: String, result: Result<String, ErrorObject>) -> (InvocationOutput, Option<OperationUpdate>) {
    let checked = |result: String| size::execution_excess(&result).map_or(Ok(result), Err);
    match result.and_then(checked).map_err(size::fit) {
        Ok(result) if result.len() > MAX_INVOCATION_OUTPUT_BYTES => {
            let update = OperationUpdate::succeed(id, OperationType::Execution, Some(result));
            (InvocationOutput::Succeeded { result: Some(String::new()) }, Some(update))
        }
        Ok(result) => (InvocationOutput::Succeeded { result: Some(result) }, None),
        Err(error) => (InvocationOutput::Failed { error: Some(error) }, None),
    }
}
