//! The service of one test and its clock.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use durable_service::{
    ChainedInvokeEnd, Command, Effect, Environment, Event, Execution, FunctionCall, Invocation,
    InvocationEnd, Outcome, Reply, Seed, Settings, StartExecution, callback_execution_id,
};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableConfig, ErrorObject, InvocationOutput, Timestamp};
use tokio::time::Instant;

use crate::crash::died;
use crate::disturbance::Disturbances;
use crate::execution::TestExecution;
use crate::fault::Fault;
use crate::function::Functions;

/// The service of one test: the execution under test, and the executions that it starts.
pub(crate) struct World(Mutex<State>);

pub(super) struct State {
    /// The execution under test.
    first: Lane,
    /// The executions started by invocations of other functions.
    called: Vec<Lane>,
    effects: VecDeque<(LaneId, Effect)>,
    pub(super) settings: Settings,
    functions: Functions,
    pub(super) now: Timestamp,
    /// The instant of the runtime's clock at which the virtual clock was last advanced.
    pub(super) moved: Instant,
    /// The numbers of requests received, checkpoints recorded and invocations delivered.
    pub(super) arrived: usize,
    pub(super) recorded: usize,
    delivered: usize,
    pub(super) disturbances: Disturbances,
    pub(super) refusals: Vec<ServiceError>,
}

/// Identifies an execution of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LaneId {
    /// The execution under test.
    First,
    /// An execution started by an invocation of another function.
    Called(usize),
}

/// One execution.
pub(super) struct Lane {
    pub(super) execution: Execution,
    events: Vec<Event>,
    /// The function that runs; `None` is the function under test.
    function: Option<String>,
    /// The operation that waits for its end.
    caller: Option<(LaneId, String)>,
    /// The fault to apply to the answer of the invocation in flight.
    pub(super) fate: Option<Fault>,
}

/// The next work of the runner.
pub(crate) enum Work {
    /// Invoke the function of an execution; `None` is the function under test.
    Invoke(LaneId, Option<String>, Invocation),
    /// Invoke a plain (non-durable) function.
    Call(LaneId, FunctionCall),
}

impl World {
    pub(crate) fn start(
        request: StartExecution,
        settings: Settings,
        functions: Functions,
        disturbances: Disturbances,
    ) -> Result<Self, ServiceError> {
        let now = Timestamp::EPOCH;
        let (execution, outcome) = Execution::start(request, &settings, now)?;
        Ok(Self(Mutex::new(State {
            first: Lane { execution, events: outcome.events, function: None, caller: None, fate: None },
            called: Vec::new(),
            effects: outcome.effects.into_iter().map(|effect| (LaneId::First, effect)).collect(),
            settings,
            functions,
            now,
            moved: Instant::now(),
            arrived: 0,
            recorded: 0,
            delivered: 0,
            disturbances,
            refusals: Vec::new(),
        })))
    }

    /// Returns the next work to be done before time may pass. Executions of other durable functions are started here.
    pub(crate) fn next_work(&self) -> Result<Option<Work>, ServiceError> {
        self.with(State::next_work)
    }

    /// Reports to an execution how an invocation of its function ended. An invocation that it gave up is ignored.
    pub(crate) fn end_invocation(
        &self,
        lane: LaneId,
        request_id: &str,
        end: InvocationEnd,
    ) -> Result<(), ServiceError> {
        self.with(|state| state.end_invocation(lane, request_id, end))
    }

    /// Returns whether the invocation that starts now is delivered twice.
    pub(crate) fn delivers_twice(&self) -> bool {
        self.with(|state| {
            state.delivered += 1;
            state.disturbances.twice.contains(&state.delivered)
        })
    }

    /// Returns a random number below `limit`, or 0 if choices are not random.
    pub(crate) fn throw(&self, limit: usize) -> usize {
        self.with(|state| state.disturbances.throw(limit))
    }

    /// Reports to an execution how an invocation of another function ended.
    pub(crate) fn end_call(
        &self,
        lane: LaneId,
        operation_id: String,
        end: ChainedInvokeEnd,
    ) -> Result<(), ServiceError> {
        self.with(|state| state.end_call(lane, operation_id, end))
    }

    /// Passes an answer to the execution that owns the callback.
    pub(crate) fn handle_callback(&self, callback_id: &str, command: Command) -> Result<(), ServiceError> {
        self.with(|state| {
            let id = callback_execution_id(callback_id);
            let is_meant = |lane: &Lane| id.as_deref() == Some(lane.execution.arn().execution_id());
            let lane = state.find(is_meant).ok_or_else(|| unknown("callback", callback_id))?;
            state.tick();
            state.handle(lane, command).map(drop)
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// Reads the execution under test and its events.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&Execution, &[Event]) -> R) -> R {
        self.with(|state| f(&state.first.execution, &state.first.events))
    }

    /// Advances the clock to a time before which nothing more happens.
    pub(crate) fn pass_until(&self, moment: Timestamp) {
        self.with(|state| state.now = state.now.max(moment));
    }

    /// Advances the clock to the next event. Returns false if there is none until the given time, or none at all.
    pub(crate) fn advance(&self, until: Option<Timestamp>) -> Result<bool, ServiceError> {
        self.with(|state| state.advance(until))
    }

    pub(crate) fn into_execution(self) -> TestExecution {
        let state = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Lane { execution, events, .. } = state.first;
        TestExecution { execution, events, checkpoints: state.recorded, refusals: state.refusals }
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    pub(super) fn lane(&self, id: LaneId) -> Option<&Lane> {
        match id {
            LaneId::First => Some(&self.first),
            LaneId::Called(index) => self.called.get(index),
        }
    }

    fn lanes(&self) -> impl Iterator<Item = (LaneId, &Lane)> {
        let called = self.called.iter().enumerate().map(|(index, lane)| (LaneId::Called(index), lane));
        std::iter::once((LaneId::First, &self.first)).chain(called)
    }

    fn find(&self, is_meant: impl Fn(&Lane) -> bool) -> Option<LaneId> {
        self.lanes().find(|(_, lane)| is_meant(lane)).map(|(id, _)| id)
    }

    pub(super) fn lane_mut(&mut self, id: LaneId) -> Option<&mut Lane> {
        find_mut(&mut self.first, &mut self.called, id)
    }

    pub(super) fn handle(&mut self, id: LaneId, command: Command) -> Result<Reply, ServiceError> {
        let lane = find_mut(&mut self.first, &mut self.called, id);
        let lane = lane.ok_or_else(|| unknown("execution", "that was called"))?;
        let environment = Environment::new(&self.settings, &self.functions);
        let Outcome { events, effects, reply } = lane.execution.handle(command, environment, self.now)?;
        lane.events.extend(events);
        self.effects.extend(effects.into_iter().map(|effect| (id, effect)));
        Ok(reply)
    }

    fn next_work(&mut self) -> Result<Option<Work>, ServiceError> {
        while let Some((id, effect)) = self.next_effect() {
            match effect {
                Effect::Invoke(invocation) => {
                    let function = self.lane(id).and_then(|lane| lane.function.clone());
                    return Ok(Some(Work::Invoke(id, function, invocation)));
                }
                Effect::InvokeFunction(call) if call.durable_execution_arn.is_none() => {
                    return Ok(Some(Work::Call(id, call)));
                }
                Effect::InvokeFunction(call) => self.call(id, call)?,
                Effect::Closed => self.close(id)?,
                // An execution lives as long as its test.
                Effect::Delete | Effect::QuotaNear(_) => {}
            }
        }
        Ok(None)
    }

    /// Takes the next effect. Executions may overtake each other, but each keeps its own order.
    fn next_effect(&mut self) -> Option<(LaneId, Effect)> {
        let (id, _) = self.effects.get(self.disturbances.throw(self.effects.len()))?;
        let index = self.effects.iter().position(|(other, _)| other == id)?;
        self.effects.remove(index)
    }

    /// Starts the execution of an invoked durable function.
    fn call(&mut self, caller: LaneId, call: FunctionCall) -> Result<(), ServiceError> {
        let Some(execution_arn) = call.durable_execution_arn else { return Ok(()) };
        let request = StartExecution {
            execution_arn,
            input: call.input.map(|input| input.as_str().to_owned()),
            durable_config: DurableConfig::default(),
            synchronous: false,
            headers: call.headers,
            seed: Seed::default(),
        };
        match Execution::start(request, &self.settings, self.now) {
            Ok((execution, Outcome { events, effects, .. })) => {
                let id = LaneId::Called(self.called.len());
                let (function, caller) = (Some(call.function_name), Some((caller, call.operation_id)));
                self.called.push(Lane { execution, events, function, caller, fate: None });
                self.effects.extend(effects.into_iter().map(|effect| (id, effect)));
                Ok(())
            }
            Err(error) => {
                let error = ErrorObject::new(error.kind.to_string(), error.message);
                self.end_call(caller, call.operation_id, ChainedInvokeEnd::Failed(error))
            }
        }
    }

    /// Reports to the caller of an execution that it has ended.
    fn close(&mut self, id: LaneId) -> Result<(), ServiceError> {
        let Some(lane) = self.lane(id) else { return Ok(()) };
        match (lane.caller.clone(), ChainedInvokeEnd::of(&lane.execution)) {
            (Some((caller, operation_id)), Some(end)) => self.end_call(caller, operation_id, end),
            (None, _) | (_, None) => Ok(()),
        }
    }

    fn end_call(
        &mut self,
        caller: LaneId,
        operation_id: String,
        end: ChainedInvokeEnd,
    ) -> Result<(), ServiceError> {
        self.tick();
        match self.handle(caller, Command::ChainedInvokeEnded { operation_id, end }) {
            // The caller has ended in the meantime.
            Err(error) if error.kind == ServiceErrorKind::ResourceConflict => Ok(()),
            ended => ended.map(drop),
        }
    }

    fn advance(&mut self, until: Option<Timestamp>) -> Result<bool, ServiceError> {
        let due = self.lanes().filter_map(|(id, lane)| Some((lane.execution.next_due()?, id)));
        let Some((due, id)) = due.min().filter(|(due, _)| until.is_none_or(|until| *due <= until)) else {
            return Ok(false);
        };
        self.now = self.now.max(due);
        self.handle(id, Command::TimerDue).map(|_| true)
    }

    /// Advances the clock by the time that an invocation waited instead of suspending.
    pub(super) fn catch_up(&mut self) -> Result<(), ServiceError> {
        self.now = self.now.saturating_add(self.moved.elapsed());
        self.moved = Instant::now();
        while self.advance(Some(self.now))? {}
        Ok(())
    }

    pub(super) fn lane_of(&self, execution_arn: &str) -> Option<LaneId> {
        self.find(|lane| lane.execution.arn().as_str() == execution_arn)
    }

    fn end_invocation(
        &mut self,
        id: LaneId,
        request_id: &str,
        end: InvocationEnd,
    ) -> Result<(), ServiceError> {
        let fate = self.lane_mut(id).and_then(|lane| lane.fate.take());
        let end = match fate {
            Some(Fault::LostAnswer) => InvocationEnd::Failed(died(request_id)),
            // The execution was paused and is resumed.
            Some(Fault::WithheldToken) if is_pending(&end) => InvocationEnd::Lost,
            _ => end,
        };
        match self.handle(id, Command::InvocationEnded { request_id: request_id.to_owned(), end }) {
            Err(error) if error.kind == ServiceErrorKind::ResourceConflict => Ok(()),
            ended => ended.map(drop),
        }
    }
}

fn find_mut<'l>(first: &'l mut Lane, called: &'l mut [Lane], id: LaneId) -> Option<&'l mut Lane> {
    match id {
        LaneId::First => Some(first),
        LaneId::Called(index) => called.get_mut(index),
    }
}

fn is_pending(end: &InvocationEnd) -> bool {
    let InvocationEnd::Answered(answer) = end else { return false };
    matches!(serde_json::from_slice(answer), Ok(InvocationOutput::Pending))
}

pub(super) fn unknown(what: &str, id: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("There is no {what} {id}."))
}
