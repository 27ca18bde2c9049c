//! The machine of one invocation: its state, and the way through it.

mod claiming;
mod ending;
mod exchange;

use std::collections::VecDeque;

use durable_types::{ErrorObject, InvocationInput, InvocationOutput, Operation, OperationAction, Timestamp};

use crate::context::Contexts;
use crate::journal::Journal;
use crate::operation::{Machine, Send, Slots};
use crate::queue::Queue;
use crate::{ContextKey, Fatal, OperationId, OperationKey, Progress, jitter, size};

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
    stalled_since: Option<Timestamp>,
    is_replay: bool,
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
            stalled_since: None,
            is_replay: false,
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

    /// Whether operations were recorded before this invocation.
    pub fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// Whether a context still has recorded operations that were not claimed again.
    pub fn is_replaying(&self, context: ContextKey) -> bool {
        self.contexts.of(context).is_some_and(|context| self.journal.unclaimed(context.id) > 0)
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
        if let Some(settled) = slot.machine.take_settled() {
            slot.is_done = true;
            return Progress::Settled(settled);
        }
        match &mut slot.machine {
            Machine::Step(step) => step.run().map_or(Progress::Pending, |attempt| Progress::Run { attempt }),
            Machine::Wait(_) => Progress::Pending,
            Machine::ChildContext(context) => {
                if !context.enter() {
                    return Progress::Pending;
                }
                let entered = self.contexts.open(Some(slot.head.id), Some(slot.context));
                slot.entered = Some(entered);
                Progress::Enter(entered)
            }
        }
    }

    /// The body of an operation ended with this result.
    pub fn handle_succeeded(&mut self, key: OperationKey, result: Option<String>) {
        if !self.may_finish(key) {
            return;
        }
        let Some(slot) = self.slots.of_mut(key) else { return };
        if let (Machine::Step(_), Some(error)) = (&slot.machine, size::excess(result.as_deref())) {
            return self.handle_failed(key, error, Failure::Permanent);
        }
        let send = match &mut slot.machine {
            Machine::Step(step) => Some(step.handle_succeeded(result, &slot.head)),
            Machine::Wait(_) => None,
            Machine::ChildContext(context) => context.handle_finished(Ok(result), &slot.head),
        };
        self.send(send);
    }

    /// The body of an operation ended with this error.
    pub fn handle_failed(&mut self, key: OperationKey, error: ErrorObject, failure: Failure) {
        if !self.may_finish(key) {
            return;
        }
        let error = size::fit(error);
        let Some(slot) = self.slots.of_mut(key) else { return };
        let send = match &mut slot.machine {
            Machine::Step(step) => {
                let chance = jitter::fraction(&self.execution_arn, slot.head.id, step.attempt());
                let is_final = failure == Failure::Permanent;
                Some(step.handle_failed(error, is_final, chance, &slot.head))
            }
            Machine::Wait(_) => None,
            Machine::ChildContext(context) => context.handle_finished(Err(error), &slot.head),
        };
        self.send(send);
    }

    /// The future of an operation was dropped.
    pub fn release(&mut self, key: OperationKey) {
        let Some(slot) = self.slots.remove(key) else { return };
        if let Some(context) = self.contexts.of_mut(slot.context) {
            context.waiting.retain(|waiting| *waiting != key);
            context.abandoned |= !slot.is_done;
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

    /// Whether the end of a body may be recorded: its context has not ended before it.
    fn may_finish(&mut self, key: OperationKey) -> bool {
        self.close_entered(key);
        let context = self.slots.of(key).map(|slot| slot.context);
        context.is_some_and(|context| !self.contexts.is_closed(context))
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

    /// The body of a context ended: nothing may begin in it any more, and nothing recorded may be left over.
    fn close_entered(&mut self, key: OperationKey) {
        let Some(entered) = self.slots.of(key).and_then(|slot| slot.entered) else { return };
        self.check_nothing_is_left(entered);
        if let Some(context) = self.contexts.of_mut(entered) {
            context.closed = true;
        }
    }
}
