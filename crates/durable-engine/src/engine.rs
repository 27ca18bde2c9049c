//! The machine of one invocation: its state, and the way through it.

mod bodies;
mod claiming;
mod deciding;
mod ending;
mod exchange;
mod holding;
mod inputs;
mod marking;
mod wishes;

use std::collections::{BTreeSet, VecDeque};

use wishes::Wishes;

use durable_types::{InvocationInput, InvocationOutput, Operation, OperationAction, Timestamp};

use crate::context::Contexts;
use crate::identity::IdMap;
use crate::journal::Journal;
use crate::operation::{Machine, Moved, Send, Slots};
use crate::queue::Queue;
use crate::refresh::Refresh;
use crate::{ContextKey, Fatal, NewOperation, OperationId, OperationKey, Progress};

/// One invocation of a durable function.
///
/// The driver takes [outputs](Self::poll_output) until there are none, reports the answers, polls the handler,
/// and asks what is left to do when [nothing moves](Self::handle_idle). The futures of operations
/// [claim](Self::claim) them, [poll](Self::poll) them, report how bodies end, and [release](Self::release) them.
#[derive(Debug)]
pub struct Engine {
    execution_arn: String,
    token: String,
    journal: Journal,
    contexts: Contexts,
    slots: Slots,
    queue: Queue,
    wakes: VecDeque<OperationKey>,
    phase: Phase,
    exchange: Exchange,
    refresh: Refresh,
    wishes: Wishes,
    /// How many operations the code has asked for.
    claims: u64,
    /// Which changes of code this execution has taken over, as far as the code has asked.
    patches: IdMap<bool>,
    /// Operations that have ended, but are held back, by when they ended.
    held: BTreeSet<(Timestamp, usize)>,
    stalled_since: Option<Timestamp>,
    /// How many values are being written or read by something that takes time.
    work: usize,
}

/// How far the invocation has come.
#[derive(Debug)]
enum Phase {
    /// Pages of what is recorded are still to be read.
    Loading,
    /// The handler runs.
    Running,
    /// The handler has ended; this is answered when the queue is empty.
    Finishing(InvocationOutput),
    /// The service wants no more checkpoints from this invocation.
    Withheld,
    /// The execution fails, whatever the handler does.
    Failed(Fatal),
}

/// The request under way.
#[derive(Debug, Default)]
enum Exchange {
    #[default]
    None,
    /// A page of what is recorded is to be read from here, or is being read.
    Page { marker: String, is_sent: bool, arrived: Vec<Operation>, saved: Vec<Saved> },
    /// A checkpoint is being recorded.
    Checkpoint { saved: Vec<Saved>, ends_execution: bool },
}

/// An update that was sent: of which operation, and what it does.
type Saved = (OperationId, OperationAction);

/// Whether a failed attempt may be followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// As the retry strategy says.
    Retryable,
    /// No: it would fail again.
    Permanent,
}

impl Engine {
    /// An invocation with this payload. Read the rest of its state, if there are more pages, before
    /// [`is_loaded`](Self::is_loaded) and the handler begins.
    pub fn new(input: InvocationInput) -> Self {
        let execution_id = input.durable_execution_arn.rsplit('/').next().unwrap_or_default().to_owned();
        let mut journal = Journal::new(execution_id);
        let state = input.initial_execution_state;
        journal.extend(state.operations);
        let mut engine = Self {
            execution_arn: input.durable_execution_arn,
            token: input.checkpoint_token,
            journal,
            contexts: Contexts::new(),
            slots: Slots::default(),
            queue: Queue::default(),
            wakes: VecDeque::new(),
            phase: Phase::Loading,
            exchange: Exchange::None,
            refresh: Refresh::default(),
            wishes: Wishes::default(),
            claims: 0,
            patches: IdMap::default(),
            held: BTreeSet::new(),
            stalled_since: None,
            work: 0,
        };
        engine.load_from(state.next_marker);
        engine
    }

    /// The execution that this invocation carries on.
    pub fn execution_arn(&self) -> &str {
        &self.execution_arn
    }

    /// Whether everything recorded has been read and the handler may begin.
    pub fn is_loaded(&self) -> bool {
        !matches!(self.phase, Phase::Loading)
    }

    /// Whether a context still has recorded operations that were not claimed again.
    pub fn is_replaying(&self, context: ContextKey) -> bool {
        let is_past = self.contexts.of(self.contexts.home(context)).is_some_and(|home| home.is_past_replay);
        !is_past && self.journal.unclaimed(self.contexts.recorded_id(context)) > 0
    }

    /// Whether the execution itself, with its input, is among what was read.
    pub fn has_execution(&self) -> bool {
        self.journal.has_execution()
    }

    /// Takes the input of the execution, as text; none if the service recorded none.
    pub fn take_input(&mut self) -> Option<String> {
        self.journal.take_input()
    }

    /// What the operation asks of its future, which awaits it from now on.
    pub fn poll(&mut self, key: OperationKey) -> Progress {
        if !matches!(self.phase, Phase::Running) {
            return Progress::Pending;
        }
        let Some(slot) = self.slots.of_mut(key) else { return Progress::Pending };
        slot.is_awaited = true;
        if let Machine::Callback(callback) = &mut slot.machine
            && !callback.is_told()
        {
            let Some(callback_id) = callback.tell_id() else { return Progress::Pending };
            // From here on it is the answer that may be awaited.
            slot.is_awaited = false;
            return Progress::Created { callback_id };
        }
        if slot.held.is_some() {
            return Progress::Pending;
        }
        if let Some(settled) = slot.settled.take() {
            slot.is_done = true;
            return Progress::Settled(settled);
        }
        let run = match &mut slot.machine {
            Machine::Step(step) => step.run().map(|(attempt, _)| (attempt, None)),
            Machine::WaitForCondition(condition) => condition.attempts.run(),
            Machine::Context(_) => return self.enter(key),
            Machine::Wait(_) | Machine::Invoke(_) | Machine::Callback(_) | Machine::Decision(_) => None,
        };
        run.map_or(Progress::Pending, |(attempt, carried)| Progress::Run { attempt, carried })
    }

    /// Opens a context that is not recorded, for the operation that would have this place in its parent.
    ///
    /// Its operations belong to the nearest context that is recorded, but their ids are its own.
    pub fn open_virtual(
        &mut self,
        parent: ContextKey,
        name: Option<&str>,
        new: &NewOperation,
    ) -> (ContextKey, OperationId) {
        let id = self.contexts.next_id(parent, name, new);
        (self.contexts.open_virtual(id, parent), id)
    }

    /// The body of a context that is not recorded ended.
    pub fn close_virtual(&mut self, context: ContextKey) {
        if let Some(context) = self.contexts.of_mut(context) {
            context.closed = true;
        }
    }

    /// The body of a context that is not recorded was dropped before it ended, as the losers of a race are.
    pub fn abandon_virtual(&mut self, context: ContextKey) {
        self.close_virtual(context);
        if let Some(home) = self.contexts.of_mut(self.contexts.home(context)) {
            home.abandoned = true;
        }
    }

    /// The future of an operation was dropped.
    pub fn release(&mut self, key: OperationKey) {
        let Some(slot) = self.slots.remove(key) else { return };
        if let Some((ended_at, _)) = slot.held {
            self.forget_held(ended_at, key, slot.context);
        }
        let is_decision = matches!(slot.machine, Machine::Decision(_));
        if let Some(home) = self.contexts.of_mut(self.contexts.home(slot.context)) {
            home.abandoned |= !slot.is_done && !is_decision;
            if slot.is_waiting {
                home.waiting.remove(&slot.order);
            }
        }
        if let Some(entered) = slot.entered.and_then(|entered| self.contexts.of_mut(entered)) {
            entered.closed = true;
        }
    }

    /// Ends the execution as failed, whatever the handler does; the first reason counts.
    pub fn fail(&mut self, fatal: Fatal) {
        if !matches!(self.phase, Phase::Failed(_)) {
            self.phase = Phase::Failed(fatal);
        }
    }

    fn enter(&mut self, key: OperationKey) -> Progress {
        let Some(slot) = self.slots.of_mut(key) else { return Progress::Pending };
        let Machine::Context(operation) = &mut slot.machine else { return Progress::Pending };
        let Some(entry) = operation.enter() else { return Progress::Pending };
        let is_built_again = operation.is_recorded();
        let context = self.contexts.open(slot.head.id, slot.context);
        slot.entered = Some(context);
        if let Some(context) = self.contexts.of_mut(context) {
            context.is_built_again = is_built_again;
        }
        Progress::Enter { context, summary: entry.summary }
    }

    fn moved(&mut self, key: OperationKey, moved: Moved) {
        match moved {
            Moved::Nothing => {}
            Moved::Send(send) => self.send(Some(send)),
            Moved::Settled(settled) => self.settle(key, settled),
        }
    }

    fn send(&mut self, send: Option<Send>) {
        if let (Some(Send(update, urgency)), Phase::Running) = (send, &self.phase) {
            self.queue.push(update, urgency);
        }
    }

    fn wake(&mut self, key: OperationKey) {
        if self.slots.of(key).is_some_and(|slot| slot.is_awaited) {
            self.wakes.push_back(key);
        }
    }
}
