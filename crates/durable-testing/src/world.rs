//! The service of one test, its clock, and the function's connection to it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use durable_core::{Transport, TransportError};
use durable_service::{Command, Effect, Event, Execution, Outcome, Reply, Settings, StartExecution};
use durable_types::Timestamp;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};

use crate::{Fault, TestExecution};

/// The service of one test, with one execution.
pub(crate) struct World(Mutex<State>);

struct State {
    execution: Execution,
    events: Vec<Event>,
    effects: VecDeque<Effect>,
    settings: Settings,
    now: Timestamp,
    /// Checkpoints that arrived, and what goes wrong at which of them.
    arrived: usize,
    recorded: usize,
    faults: Vec<(usize, Fault)>,
}

impl World {
    pub(crate) fn start(
        request: StartExecution,
        settings: Settings,
        faults: Vec<(usize, Fault)>,
    ) -> Result<Self, ServiceError> {
        let now = Timestamp::EPOCH;
        let (execution, outcome) = Execution::start(request, &settings, now)?;
        Ok(Self(Mutex::new(State {
            execution,
            events: outcome.events,
            effects: outcome.effects.into(),
            settings,
            now,
            arrived: 0,
            recorded: 0,
            faults,
        })))
    }

    pub(crate) fn next_effect(&self) -> Option<Effect> {
        self.with(|state| state.effects.pop_front())
    }

    pub(crate) fn handle(&self, command: Command) -> Result<Reply, ServiceError> {
        self.with(|state| state.handle(command))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// Reads the execution and what happened in it.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&Execution, &[Event]) -> R) -> R {
        self.with(|state| f(&state.execution, &state.events))
    }

    /// Moves the clock to a moment before which nothing happens any more.
    pub(crate) fn pass_until(&self, moment: Timestamp) {
        self.with(|state| state.now = state.now.max(moment));
    }

    /// Moves the clock to the next moment at which something happens. False if nothing does until then, or ever.
    pub(crate) fn advance(&self, until: Option<Timestamp>) -> Result<bool, ServiceError> {
        self.with(|state| {
            let due = state.execution.next_due();
            let Some(due) = due.filter(|due| until.is_none_or(|until| *due <= until)) else {
                return Ok(false);
            };
            state.now = state.now.max(due);
            state.handle(Command::TimerDue).map(|_| true)
        })
    }

    pub(crate) fn into_execution(self) -> TestExecution {
        let state = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        TestExecution { execution: state.execution, events: state.events, checkpoints: state.recorded }
    }

    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn handle(&mut self, command: Command) -> Result<Reply, ServiceError> {
        let Outcome { events, effects, reply } = self.execution.handle(command, &self.settings, self.now)?;
        self.events.extend(events);
        self.effects.extend(effects);
        Ok(reply)
    }

    fn checkpoint(&mut self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.arrived += 1;
        let fault = self.faults.iter().find(|(arrival, _)| *arrival == self.arrived).map(|(_, fault)| *fault);
        if fault == Some(Fault::LostRequest) {
            return Err(TransportError::invocation("the request got lost"));
        }
        match self.handle(Command::Checkpoint(request)).map_err(rejected)? {
            Reply::Checkpointed(_) if fault == Some(Fault::LostResponse) => {
                self.recorded += 1;
                Err(TransportError::invocation("the response got lost"))
            }
            Reply::Checkpointed(response) => {
                self.recorded += 1;
                Ok(response)
            }
            Reply::Accepted | Reply::Stopped(_) => {
                Err(TransportError::execution("the service did not answer a checkpoint as one"))
            }
        }
    }
}

impl Transport for World {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.with(|state| state.checkpoint(request))
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.with(|state| state.execution.state_page_within(&request, &state.settings)).map_err(rejected)
    }
}

/// What a refusal means for the function: a stale token ends the invocation, everything else the execution.
fn rejected(error: ServiceError) -> TransportError {
    let is_stale = error.message.to_ascii_lowercase().starts_with("invalid checkpoint token");
    if is_stale { TransportError::invocation(error) } else { TransportError::execution(error) }
}
