//! The end of an invocation, and its output.

use durable_types::limits::MAX_INVOCATION_OUTPUT_BYTES;
use durable_types::{ErrorObject, InvocationOutput, OperationType, OperationUpdate, Timestamp};

use super::{Engine, Phase};
use crate::barrier::{GateKey, Stalled};
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::context::ContextKey;
use crate::divergence::{self, Named};
use crate::divergence_policy::DivergencePolicy;
use crate::fatal::Fatal;
use crate::markers as marker;
use crate::output::Idle;
use crate::size;

/// How far the clock of the service may be ahead of the local one.
const SKEW: std::time::Duration = std::time::Duration::from_secs(1);

impl Engine {
    /// Handles that the handler has ended, with its result as JSON or with an error.
    ///
    /// [`handle_idle`](Self::handle_idle) returns the output once everything queued has been recorded.
    pub fn handle_handler_finished(&mut self, result: Result<String, ErrorObject>) {
        // An error is more informative than the records it left unclaimed, and ends the execution either way.
        if result.is_ok() {
            self.check_all_claimed(ContextKey::ROOT, None);
        }
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        let id = self.execution_arn().rsplit('/').next().unwrap_or_default().to_owned();
        let (output, update) = response(id, result);
        if let Some(update) = update {
            let urgency = Urgency::Awaited;
            self.exchange.push(QueuedUpdate { id: None, parent: None, update, urgency, result: None });
        }
        self.phase = Phase::Finishing(output);
    }

    /// Returns what to do when the handler is at rest or has ended, and all outputs have been taken.
    ///
    /// `may_wake` is whether anything but the engine can wake the handler, such as a timer or a socket.
    pub fn handle_idle(&mut self, now: Timestamp, may_wake: bool) -> Idle {
        self.handle_time(now);
        match &self.phase {
            Phase::Failed(fatal) => return self.failed(fatal),
            Phase::Withheld => return Idle::Answer(InvocationOutput::Pending),
            Phase::Loading => return Idle::Wait,
            Phase::Running | Phase::Finishing(_) => {}
        }
        if matches!(self.phase, Phase::Running) && self.advance() {
            return Idle::Again;
        }
        if self.exchange.is_busy() {
            return Idle::Wait;
        }
        if !self.exchange.is_drained() {
            return self.exchange.deadline().map_or(Idle::Wait, Idle::Until);
        }
        if let Phase::Finishing(output) = &self.phase {
            return Idle::Answer(output.clone());
        }
        self.handle_stalled(now, may_wake)
    }

    /// Handles that a serdes is pending; until it has finished, the handler does not count as stalled.
    pub fn handle_work_began(&mut self) {
        self.work = self.work.saturating_add(1);
    }

    /// Handles that a pending serdes has finished or was dropped.
    pub fn handle_work_ended(&mut self) {
        self.work = self.work.saturating_sub(1);
    }

    /// Delivers or grants the next result, if its turn has come.
    pub(super) fn advance(&mut self) -> bool {
        if self.barrier.grant() {
            return true;
        }
        let delivery = self.barrier.deliver();
        if let Some(delivery) = delivery {
            self.handle_delivered(delivery);
        }
        delivery.is_some()
    }

    /// Fails the execution, or the invocation if this is a divergence and the policy says so.
    fn failed(&self, fatal: &Fatal) -> Idle {
        match (fatal, self.on_divergence) {
            (Fatal::NonDeterministic(_), DivergencePolicy::FailInvocation) => {
                Idle::FailInvocation(fatal.clone())
            }
            (_, DivergencePolicy::FailExecution | DivergencePolicy::FailInvocation) => {
                Idle::Answer(InvocationOutput::Failed { error: Some(fatal.to_error_object()) })
            }
        }
    }

    /// Decides what to do when the handler is at rest and no request is in flight or due.
    fn handle_stalled(&mut self, now: Timestamp, may_wake: bool) -> Idle {
        let stalled = if self.work == 0 { self.barrier.stalled(now, may_wake) } else { Stalled::No };
        let holds_back = self.deadline.holds_back();
        let is_held_back = match stalled {
            Stalled::Delivered(delivery) => {
                self.handle_delivered(delivery);
                return Idle::Again;
            }
            Stalled::Until(moment) if !holds_back => return Idle::Until(self.deadline.limit(moment)),
            Stalled::Until(_) => true,
            Stalled::Diverged(_) | Stalled::No => holds_back && self.is_any_held_back(),
        };
        let is_running = self.work > 0 || self.is_any_running();
        if is_held_back && !is_running {
            return self.suspend_before_deadline();
        }
        if let (Stalled::Diverged(gate), false) = (stalled, is_running) {
            self.fail_diverged(gate, None);
            return self.handle_idle(now, may_wake);
        }
        let Some(due) = self.first_due() else {
            if is_running || may_wake {
                return Idle::Wait;
            }
            self.fail(Fatal::Misuse(
                "the handler awaits something that can never happen: no operation is running or waiting for the service, \
                 and nothing else can wake the handler; await the operations that it started, and nothing that was dropped"
                    .to_owned(),
            ));
            return self.handle_idle(now, may_wake);
        };
        if is_running {
            return Idle::Until(self.exchange.plan_refresh(due, now));
        }
        self.warm_until(due, now).map_or(Idle::Answer(InvocationOutput::Pending), Idle::Until)
    }

    /// Suspends although bodies are due. A wait that is recorded first makes the service invoke the function again soon,
    /// whatever else is pending.
    fn suspend_before_deadline(&mut self) -> Idle {
        match self.deadline.suspend(self.barrier.journal().suspensions()) {
            Some(number) => {
                self.exchange.push(marker::suspension(number));
                Idle::Again
            }
            // The queue is empty, so it has been acknowledged.
            None => Idle::Answer(InvocationOutput::Pending),
        }
    }

    /// Returns whether a body is due and awaited that a later invocation could start as well.
    fn is_any_held_back(&self) -> bool {
        self.operations.iter().any(|(key, operation)| {
            operation.machine.can_start_later() && self.barrier.is_active(key) && self.barrier.is_awaited(key)
        })
    }

    fn is_any_running(&self) -> bool {
        self.operations
            .iter()
            .any(|(key, operation)| operation.machine.is_running() && self.barrier.is_active(key))
    }

    /// Returns when the first awaited operation that only the service can advance is due, if that is known.
    ///
    /// The outer `None` means that there is no such operation.
    fn first_due(&self) -> Option<Option<Timestamp>> {
        let mut parked = self
            .operations
            .iter()
            .filter(|(key, operation)| {
                operation.machine.is_parked() && self.barrier.is_active(*key) && self.barrier.is_awaited(*key)
            })
            .map(|(_, operation)| operation.machine.due())
            .peekable();
        parked.peek()?;
        Some(parked.flatten().min())
    }

    /// Returns when to ask for what is due soon enough to wait for, or `None` if the invocation should suspend.
    fn warm_until(&mut self, due: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let (due, patience) = (due?, self.stay_warm);
        if self.deadline.is_near_at(due.max(now)) {
            return None;
        }
        // Something that is overdue by this much is no longer waited for.
        let is_soon =
            due <= now.saturating_add(patience.saturating_add(SKEW)) && now <= due.saturating_add(patience);
        (is_soon && !patience.is_zero()).then(|| self.exchange.plan_refresh(Some(due), now))
    }

    /// Fails the execution if the body of a context ended without claiming all records of the context.
    pub(super) fn check_all_claimed(&mut self, context: ContextKey, error: Option<&ErrorObject>) {
        let is_recorded = self.contexts.recorded_ancestor(context) == context;
        if is_recorded && !self.barrier.is_by_name() && self.is_replaying(context) {
            self.fail_diverged(self.contexts.gate(context), error);
        }
    }

    /// Fails the execution because code and journal differ; `error` is that of the body, if it failed.
    fn fail_diverged(&mut self, gate: GateKey, error: Option<&ErrorObject>) {
        let waiting = self.barrier.waiting(gate).filter_map(|key| self.operations.get(key));
        let waiting = waiting.map(|operation| Named {
            name: operation.header.name.as_deref(),
            sub_type: operation.header.sub_type,
        });
        let unclaimed = self.barrier.journal().unclaimed_records(self.barrier.context(gate));
        let mut text = divergence::report(unclaimed, waiting);
        if let Some(error) = error {
            text.push_str(&format!("; the body ended before it reached them: {error}"));
        }
        self.fail(Fatal::NonDeterministic(text));
    }
}

/// Returns the output, and the update that carries a result that is too large for it.
fn response(id: String, result: Result<String, ErrorObject>) -> (InvocationOutput, Option<OperationUpdate>) {
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
