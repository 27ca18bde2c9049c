//! The machine of one invocation: its state and its phases.

mod bodies;
mod claims;
mod ending;
mod markers;
mod observing;
mod responses;

use std::time::Duration;

use durable_types::{InvocationInput, InvocationOutput, OperationAction, OperationType, Timestamp};

use crate::barrier::{Delivery, Expectation, Journal, Origin, Placement, ReplayBarrier, Resolution};
use crate::checkpoint::{Exchange, QueuedUpdate};
use crate::claim::{Claimant, NewOperation};
use crate::context::{ContextKey, Contexts};
use crate::deadline::Deadline;
use crate::divergence_policy::DivergencePolicy;
use crate::fatal::Fatal;
use crate::identity::{ContextId, OperationId};
use crate::markers::{self as marker, Markers};
use crate::observation::Observation;
use crate::occurrences::not_reproducible;
use crate::operation::{LiveOperations, Machine, OperationResult, Progress, Transition};
use crate::operation_key::OperationKey;

/// One invocation of a durable function.
///
/// Its methods come in groups:
/// - **The invocation.** [`new`](Self::new), [`is_loaded`](Self::is_loaded), [`take_input`](Self::take_input),
///   [`handle_handler_finished`](Self::handle_handler_finished), [`fail`](Self::fail).
/// - **The loop of the driver.** Poll the handler if it was woken; take [outputs](Self::poll_output) until there are
///   none; report responses to [`handle_checkpointed`](Self::handle_checkpointed) and
///   [`handle_state`](Self::handle_state); when the handler is at rest, ask [`handle_idle`](Self::handle_idle) what to
///   do next. The driver may also [deliver](Self::deliver) results as soon as the handler is at rest, which has the
///   same effect in fewer iterations. Report the [time](Self::handle_time) before a body may start.
/// - **The futures of operations.** [`claim`](Self::claim), then [`poll`](Self::poll) or
///   [`poll_deferred`](Self::poll_deferred) until the result is delivered, and [`release`](Self::release) when the
///   future is dropped. In between they report how bodies end: [`handle_succeeded`](Self::handle_succeeded),
///   [`handle_failed`](Self::handle_failed), [`handle_unmet`](Self::handle_unmet),
///   [`handle_input`](Self::handle_input), [`handle_decided`](Self::handle_decided),
///   [`handle_work_began`](Self::handle_work_began).
/// - **Virtual contexts.** [`open_virtual`](Self::open_virtual), [`open_flat_item`](Self::open_flat_item),
///   [`close_virtual`](Self::close_virtual).
/// - **Markers and derived values.** [`patched`](Self::patched), [`now`](Self::now), [`derive`](Self::derive).
/// - **Observers.** [`observe`](Self::observe), [`has_observations`](Self::has_observations),
///   [`take_observations`](Self::take_observations).
/// - **Options.** [`replay_by_name`](Self::replay_by_name), [`stay_warm`](Self::stay_warm),
///   [`suspend_before`](Self::suspend_before), [`on_divergence`](Self::on_divergence).
#[derive(Debug)]
pub struct Engine {
    phase: Phase,
    barrier: ReplayBarrier<OperationResult>,
    contexts: Contexts,
    operations: LiveOperations,
    exchange: Exchange,
    markers: Markers,
    /// How long the invocation waits for operations that are due soon instead of suspending.
    stay_warm: Duration,
    deadline: Deadline,
    on_divergence: DivergencePolicy,
    /// The number of values whose serdes is pending.
    work: usize,
    /// What has not been taken by observers yet; `None` if there are none.
    observations: Option<Vec<Observation>>,
}

/// The phase of the invocation.
#[derive(Debug)]
enum Phase {
    /// Pages of the journal remain to be read.
    Loading,
    /// The handler is running.
    Running,
    /// The handler has ended; this is the output to return once the queue is empty.
    Finishing(InvocationOutput),
    /// The service accepts no more checkpoints from this invocation.
    Withheld,
    /// The execution fails, whatever the handler does.
    Failed(Fatal),
}

impl Engine {
    /// Creates an invocation with this payload.
    ///
    /// If the journal has more pages, they must be read before the invocation [is loaded](Self::is_loaded) and the
    /// handler starts. `resolution` is that of the service's timestamps; zero if no two checkpoints are recorded at the
    /// same time.
    pub fn new(input: InvocationInput, now: Timestamp, resolution: Duration) -> Self {
        let resolution = Resolution::new(resolution);
        let execution_id = input.durable_execution_arn.rsplit('/').next().unwrap_or_default().to_owned();
        let mut journal = Journal::new(execution_id);
        let state = input.initial_execution_state;
        journal.extend(state.operations);
        let mut exchange =
            Exchange::new(input.durable_execution_arn, input.checkpoint_token, now, resolution);
        let reads_on = exchange.read_from(state.next_marker);
        let mut barrier = ReplayBarrier::new(journal, resolution);
        let contexts = Contexts::new(barrier.open_gate(None, None, false));
        Self {
            phase: if reads_on { Phase::Loading } else { Phase::Running },
            barrier,
            contexts,
            operations: LiveOperations::default(),
            exchange,
            markers: Markers::default(),
            stay_warm: Duration::ZERO,
            deadline: Deadline::new(now),
            on_divergence: DivergencePolicy::default(),
            work: 0,
            observations: None,
        }
    }

    /// Returns the ARN of the execution.
    pub fn execution_arn(&self) -> &str {
        self.exchange.execution_arn()
    }

    /// Returns whether the whole journal has been read, so that the handler may start.
    pub fn is_loaded(&self) -> bool {
        !matches!(self.phase, Phase::Loading)
    }

    /// Returns whether a context has recorded operations that have not been claimed.
    pub fn is_replaying(&self, context: ContextKey) -> bool {
        self.barrier.is_replaying(self.contexts.gate(context))
    }

    /// Returns whether the journal contains the execution itself, with its input.
    pub fn has_execution(&self) -> bool {
        self.barrier.journal().has_execution()
    }

    /// Takes the input of the execution as text, or `None` if the service recorded none.
    pub fn take_input(&mut self) -> Option<String> {
        self.barrier.journal_mut().take_input()
    }

    /// Returns the progress of the operation, which counts as awaited from now on.
    pub fn poll(&mut self, key: OperationKey) -> Progress {
        if !matches!(self.phase, Phase::Running) {
            return Progress::Pending;
        }
        match self.barrier.poll(key) {
            Some(OperationResult::Settled(settled)) => return Progress::Settled(*settled),
            Some(OperationResult::Created(callback_id)) => return self.handle_created(key, callback_id),
            Some(OperationResult::Recorded) | None => {}
        }
        let Some(operation) = self.operations.get_mut(key) else { return Progress::Pending };
        if self.barrier.is_done(key) {
            return if self.contexts.is_closed(operation.context) {
                Progress::Orphaned
            } else {
                Progress::Pending
            };
        }
        if self.deadline.holds_back() && operation.machine.can_start_later() {
            return Progress::Pending;
        }
        let progress = match &mut operation.machine {
            Machine::Step(step) => step.progress(&operation.header),
            Machine::WaitForCondition(condition) => condition.attempts.progress(&operation.header),
            Machine::Context(_) => self.enter(key),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => {
                Progress::Pending
            }
        };
        if let Progress::Run { .. } = progress {
            self.deadline.handle_body_started();
        }
        progress
    }

    /// Returns whether the future of an operation that ended in an earlier invocation may return its result now.
    pub fn poll_deferred(&mut self, key: OperationKey) -> bool {
        matches!(self.phase, Phase::Running) && self.barrier.poll(key).is_some()
    }

    /// Takes the next operation whose future must be woken, ahead of other outputs.
    ///
    /// Call this right after a result was consumed or its operation released. The future of the next result may already
    /// have been polled, and must be woken before the code that polled this one resumes.
    pub fn poll_wake(&mut self) -> Option<OperationKey> {
        self.barrier.next_wake()
    }

    /// Whether [`deliver`](Self::deliver) would deliver a result now.
    pub fn can_deliver(&mut self) -> bool {
        matches!(self.phase, Phase::Running) && (self.barrier.has_wakes() || self.barrier.can_move())
    }

    /// Delivers the next result, if the turn of one has come, and says whose future is to be woken for it. To be called when
    /// the handler is at rest; [`handle_idle`](Self::handle_idle) does the same by way of outputs.
    pub fn deliver(&mut self) -> Option<OperationKey> {
        if !matches!(self.phase, Phase::Running) {
            return None;
        }
        loop {
            if let Some(key) = self.barrier.next_wake() {
                return Some(key);
            }
            if !self.advance() {
                return None;
            }
        }
    }

    /// Opens a virtual context, which takes the identity of an operation in its parent.
    ///
    /// Its operations belong to the nearest recorded context, but their ids are derived from its own.
    pub fn open_virtual(
        &mut self,
        parent: ContextKey,
        name: Option<&str>,
        new: &NewOperation,
        claimant: Claimant,
    ) -> (ContextKey, OperationId) {
        let Some(id) = self.contexts.next_id(parent, name, new, claimant) else {
            self.fail(not_reproducible(name));
            return (parent, self.contexts.peek_id(parent, name, new));
        };
        (self.contexts.open_virtual(ContextId::Operation(id), parent, name), id)
    }

    /// Opens the virtual context of an item of a flat batch; `batch` is the context of the batch.
    pub fn open_flat_item(&mut self, batch: ContextKey, index: u32, name: Option<&str>) -> ContextKey {
        let Some(id) = self.contexts.operation_id(batch) else {
            self.fail(Fatal::Bug("an item was opened outside a batch".to_owned()));
            return batch;
        };
        self.contexts.open_virtual(ContextId::FlatItem { batch: id, index }, batch, name)
    }

    /// Reserves capacity for `count` virtual contexts that are about to be opened.
    pub fn reserve_virtual(&mut self, count: usize) {
        self.contexts.reserve(count);
    }

    /// Returns the number of operations that were claimed and have not been released.
    pub fn operations_in_use(&self) -> usize {
        self.barrier.in_use()
    }

    /// The body of a context that is not recorded ended, or was dropped.
    pub fn close_virtual(&mut self, context: ContextKey) {
        self.close(context);
    }

    /// Releases an operation whose future was dropped.
    pub fn release(&mut self, key: OperationKey) {
        if let Some(placement) = self.barrier.release(key) {
            self.record_order(&placement);
        }
        let Some(operation) = self.operations.remove(key) else { return };
        self.contexts.handle_removed(operation.context);
        if let Some(entered) = operation.entered {
            self.barrier.close_gate(self.contexts.gate(entered));
            self.close(entered);
        }
    }

    /// Ends the execution as failed, whatever the handler does. Only the first reason counts, and none once the handler
    /// has ended.
    pub fn fail(&mut self, fatal: Fatal) {
        if matches!(self.phase, Phase::Running | Phase::Loading) {
            self.phase = Phase::Failed(fatal);
        }
    }

    /// Pairs operations with their records by name alone: new ones start at once, and records may remain unclaimed.
    ///
    /// This must be called before the first operation, otherwise the execution fails.
    pub fn replay_by_name(&mut self) {
        if self.barrier.claims() > 0 && !self.barrier.is_by_name() {
            self.fail(Fatal::Misuse(
                "replay by name was requested after an operation had begun; request it first in the handler"
                    .to_owned(),
            ));
        }
        self.barrier.replay_by_name();
    }

    /// Waits for operations that are due within this time, instead of suspending.
    pub fn stay_warm(&mut self, time: Duration) {
        self.stay_warm = time;
    }

    /// Starts no further body when less than `margin` remains until the deadline of the invocation, and suspends once
    /// those that run have ended.
    ///
    /// If the margin exceeds half of the time that the invocation has, that half is used.
    pub fn suspend_before(&mut self, deadline: Timestamp, margin: Duration) {
        self.deadline.suspend_before(deadline, margin);
    }

    /// Handles that time has passed.
    pub fn handle_time(&mut self, now: Timestamp) {
        self.deadline.handle_time(now);
    }

    /// Sets whether a divergence fails the execution or the invocation.
    pub fn on_divergence(&mut self, policy: DivergencePolicy) {
        self.on_divergence = policy;
    }

    fn enter(&mut self, key: OperationKey) -> Progress {
        let Some(operation) = self.operations.get_mut(key) else { return Progress::Pending };
        let Machine::Context(machine) = &mut operation.machine else { return Progress::Pending };
        if !self.barrier.is_active(key) {
            return Progress::Pending;
        }
        let Some(entry) = machine.enter() else { return Progress::Pending };
        let parent = Some(self.contexts.gate(operation.context));
        let gate = self.barrier.open_gate(Some(operation.header.id), parent, machine.is_recorded());
        let name = operation.header.name.as_deref();
        let context = self.contexts.open(operation.header.id, operation.context, name, gate);
        operation.entered = Some(context);
        Progress::Enter { context, summary: entry.summary }
    }

    /// Handles that the future of a callback has received its id.
    fn handle_created(&mut self, key: OperationKey, callback_id: String) -> Progress {
        self.barrier.reopen(key);
        let operation = self.operations.get_mut(key);
        if let Some(Machine::Callback(callback)) = operation.map(|operation| &mut operation.machine)
            && let Some((at, settled)) = callback.handle_created()
        {
            self.settle(key, settled.into(), at);
        }
        self.expect(key);
        Progress::Created { callback_id }
    }

    /// Applies a transition of an operation; `at` is when the service recorded it.
    fn apply(&mut self, key: OperationKey, transition: Transition, at: Option<Timestamp>) {
        match transition {
            Transition::None => {}
            Transition::Due => self.begin(key),
            Transition::Update(update) => self.send(key, update),
            Transition::Created(callback_id) => {
                self.settle(key, OperationResult::Created(callback_id), at);
            }
            Transition::Settled(settled) => self.settle(key, settled.into(), at),
        }
    }

    /// Passes the result of an operation to the barrier; `at` is when the service recorded it.
    fn settle(&mut self, key: OperationKey, result: OperationResult, at: Option<Timestamp>) {
        let Some(operation) = self.operations.get(key) else { return };
        let origin = match &result {
            OperationResult::Settled(_) => origin_of(&operation.machine),
            OperationResult::Created(_) | OperationResult::Recorded => Origin::Checkpoint,
        };
        self.barrier.handle_settled(key, (origin, at), result);
    }

    /// Records the place of a result that arrived after a later one was delivered, ahead of anything that follows from
    /// it.
    fn handle_delivered(&mut self, delivery: Delivery) {
        if let Some(placement) = delivery.late {
            self.record_order(&placement);
        }
        if delivery.is_unsure {
            self.exchange.fence();
        }
    }

    /// Records the place of a result that its own record does not show.
    fn record_order(&mut self, placement: &Placement) {
        if matches!(self.phase, Phase::Running | Phase::Finishing(_)) {
            self.exchange.push_first(marker::result_order(placement));
        }
    }

    /// Queues an update of an operation. If its context has ended, the operation is an orphan and never settles.
    fn send(&mut self, key: OperationKey, mut update: QueuedUpdate) {
        let Some(operation) = self.operations.get(key) else {
            return self.fail(Fatal::Bug("an operation was updated after its release".to_owned()));
        };
        let context = operation.context;
        if brings_result(&update) {
            let body = operation.entered.map(|entered| self.contexts.gate(entered));
            update.result = self.barrier.eligible_since(key).map(|since| Expectation { since, body });
        }
        if self.is_observed() {
            self.observe_queued(&update);
        }
        if !self.enqueue(context, update) {
            self.barrier.orphan(key);
        }
    }

    /// Queues an update; the only place where that happens. Returns whether it was accepted: updates of a context that
    /// has ended are orphans, for which the service would reject the whole batch.
    fn enqueue(&mut self, context: ContextKey, update: QueuedUpdate) -> bool {
        let is_accepted = !self.contexts.is_closed(context);
        if is_accepted && matches!(self.phase, Phase::Running) {
            self.exchange.push(update);
        }
        is_accepted
    }

    /// Closes a context whose body has ended, which orphans the operations that are still driven in it.
    fn close(&mut self, context: ContextKey) {
        if !self.contexts.close(context) {
            return;
        }
        let orphans: Vec<_> = self
            .operations
            .iter()
            .filter(|(_, operation)| operation.context == context)
            .map(|(key, _)| key)
            .collect();
        for key in orphans {
            self.barrier.orphan(key);
            self.barrier.wake(key);
        }
    }
}

/// Returns what records the end of an operation.
fn origin_of(machine: &Machine) -> Origin {
    if machine.is_remote() { Origin::Service } else { Origin::Checkpoint }
}

/// Returns whether the record of an update is, or may be, a result for the handler.
fn brings_result(update: &QueuedUpdate) -> bool {
    match update.update.action {
        OperationAction::Succeed | OperationAction::Fail => true,
        OperationAction::Start => {
            matches!(update.update.operation_type, OperationType::Callback | OperationType::ChainedInvoke)
        }
        OperationAction::Retry | OperationAction::Cancel | OperationAction::Unknown(_) => false,
    }
}
