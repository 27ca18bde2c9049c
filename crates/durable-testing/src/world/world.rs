//! The service of one test and its clock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use durable_service::{
    Answer, Append, CallId, CallbackAnswer, ChainedInvokeEnd, Command, Dispatcher, Environment, Event,
    Execution, ExecutionId, FunctionDescription, FunctionInvocation, InvocationEnd, Output, PlainCall, Reply,
    Settings, StartRequest,
};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, InvocationOutput, Timestamp};
use tokio::time::Instant;

use super::catalog::Catalog;
use crate::crash::died;
use crate::disturbance::Disturbances;
use crate::execution::TestExecution;
use crate::fault::Fault;

/// The service of one test: the execution under test, and the executions that it starts.
pub(crate) struct World {
    /// The execution under test, as it started.
    started: Execution,
    state: Mutex<State>,
}

pub(super) struct State {
    dispatcher: Dispatcher<()>,
    /// The answer to the request that was made last.
    answer: Option<Result<Answer, ServiceError>>,
    /// The execution under test.
    first: ExecutionId,
    /// What is recorded of the execution under test.
    events: Vec<Event>,
    work: VecDeque<Work>,
    /// The faults to apply to the answers of invocations in flight.
    fates: HashMap<ExecutionId, Fault>,
    pub(super) settings: Settings,
    catalog: Catalog,
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

/// The next work of the runner.
pub(crate) enum Work {
    /// Invoke the function of an execution.
    Invoke(Box<FunctionInvocation>),
    /// Invoke a plain (non-durable) function.
    Call(Box<PlainCall>),
}

impl World {
    pub(crate) fn start(
        request: StartRequest,
        settings: Settings,
        functions: BTreeMap<String, FunctionDescription>,
        disturbances: Disturbances,
    ) -> Result<Self, ServiceError> {
        let first = ExecutionId::from(request.execution_id.as_str());
        let mut state = State {
            dispatcher: Dispatcher::new(None),
            answer: None,
            first: first.clone(),
            events: Vec::new(),
            work: VecDeque::new(),
            fates: HashMap::new(),
            settings,
            catalog: Catalog::new(request.function_name.clone(), functions),
            now: Timestamp::EPOCH,
            moved: Instant::now(),
            arrived: 0,
            recorded: 0,
            delivered: 0,
            disturbances,
            refusals: Vec::new(),
        };
        state.request(|dispatcher, environment| dispatcher.start(request, (), environment))?;
        let started = state.dispatcher.resident(&first).cloned();
        let started = started.ok_or_else(|| unknown("execution", first.as_str()))?;
        Ok(Self { started, state: Mutex::new(state) })
    }

    /// Returns the next work to be done before time may pass.
    pub(crate) fn next_work(&self) -> Option<Work> {
        self.with(State::next_work)
    }

    /// Reports how an invocation of the function of an execution ended. An invocation that the execution gave up is
    /// ignored.
    pub(crate) fn end_invocation(&self, arn: &DurableExecutionArn, request_id: &str, end: InvocationEnd) {
        self.with(|state| state.end_invocation(arn, request_id, end));
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

    /// Reports how an invocation of a plain function ended.
    pub(crate) fn end_call(&self, call: &CallId, end: ChainedInvokeEnd) {
        self.with(|state| {
            state.tick();
            state.drive(|dispatcher, environment| {
                dispatcher.handle_call_ended(call, end, environment);
            });
        });
    }

    /// Passes an answer to the execution that owns the callback.
    pub(crate) fn answer_callback(
        &self,
        callback_id: &str,
        answer: CallbackAnswer,
    ) -> Result<(), ServiceError> {
        self.with(|state| {
            state.tick();
            let answered = state.request(|dispatcher, environment| {
                dispatcher.callback(callback_id.to_owned(), answer, (), environment);
            });
            answered?.map(drop).ok_or_else(|| unknown("callback", callback_id))
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// Returns whether an execution is the one under test.
    pub(crate) fn is_under_test(&self, arn: &DurableExecutionArn) -> bool {
        arn == self.started.arn()
    }

    /// Reads the execution under test and its events.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&Execution, &[Event]) -> R) -> R {
        self.with(|state| f(state.dispatcher.resident(&state.first).unwrap_or(&self.started), &state.events))
    }

    /// Advances the clock to a time before which nothing more happens.
    pub(crate) fn pass_until(&self, moment: Timestamp) {
        self.with(|state| state.now = state.now.max(moment));
    }

    /// Advances the clock to the next event. Returns false if there is none until the given time, or none at all.
    pub(crate) fn advance(&self, until: Option<Timestamp>) -> bool {
        self.with(|state| state.advance(until))
    }

    pub(crate) fn into_execution(self) -> TestExecution {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let execution = state.dispatcher.remove(&state.first).unwrap_or(self.started);
        let State { events, recorded: checkpoints, refusals, .. } = state;
        TestExecution { execution, events, checkpoints, refusals }
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Returns an execution by its ARN.
    pub(super) fn execution(&self, arn: &str) -> Option<&Execution> {
        let (_, id) = arn.rsplit_once('/')?;
        self.dispatcher.resident(&ExecutionId::from(id)).filter(|execution| execution.arn().as_str() == arn)
    }

    /// Carries out a command on an execution.
    pub(super) fn command(
        &mut self,
        arn: &DurableExecutionArn,
        command: Command,
    ) -> Result<Reply, ServiceError> {
        let done = self.request(|dispatcher, environment| {
            dispatcher.command(arn, command, (), environment);
        });
        done?.ok_or_else(|| unknown("execution", arn.as_str()))
    }

    /// Makes a request, which is answered at once because everything is recorded at once.
    fn request(
        &mut self,
        f: impl FnOnce(&mut Dispatcher<()>, Environment<'_>),
    ) -> Result<Option<Reply>, ServiceError> {
        self.drive(f);
        match self.answer.take() {
            Some(Ok(Answer::Done(reply))) => Ok(Some(reply)),
            Some(Ok(Answer::Started(_) | Answer::Readable | Answer::Unknown)) | None => Ok(None),
            Some(Err(error)) => Err(error),
        }
    }

    /// Passes something to the dispatcher, and carries out its outputs except for invocations.
    pub(super) fn drive(&mut self, f: impl FnOnce(&mut Dispatcher<()>, Environment<'_>)) {
        let environment = Environment::new(&self.settings, &self.catalog, self.now);
        let dispatcher = &mut self.dispatcher;
        f(dispatcher, environment);
        while let Some(output) = dispatcher.poll_output(environment) {
            match output {
                Output::Append(append) => {
                    let id = append.execution_id.clone();
                    if id == self.first {
                        record(&mut self.events, *append);
                    }
                    dispatcher.handle_appended(&id, environment);
                }
                // Every execution stays in memory.
                Output::Load(id) => dispatcher.handle_loaded(&id, Ok(None), environment),
                Output::FindName(name) => dispatcher.handle_name_found(&name, Ok(None), environment),
                Output::Delete(id) => dispatcher.handle_deleted(&id, Ok(())),
                Output::Invoke(invocation) => self.work.push_back(Work::Invoke(invocation)),
                Output::Withdraw { request_id } => {
                    self.work.retain(|work| work.request_id() != Some(&request_id));
                }
                Output::Call(call) => self.work.push_back(Work::Call(call)),
                Output::Answer((), answer) => self.answer = Some(answer),
                Output::Recorded { .. } | Output::Failed(..) | Output::Gone(_) | Output::QuotaNear(..) => {}
            }
        }
    }

    /// Takes the next work. Executions may overtake each other, but each keeps its own order.
    fn next_work(&mut self) -> Option<Work> {
        let id = self.work.get(self.disturbances.throw(self.work.len()))?.execution_id();
        let index = self.work.iter().position(|work| work.execution_id() == id)?;
        let work = self.work.remove(index)?;
        if let Some(request_id) = work.request_id() {
            self.dispatcher.deliver(request_id);
        }
        Some(work)
    }

    fn advance(&mut self, until: Option<Timestamp>) -> bool {
        let due = self.dispatcher.next_due();
        let Some(due) = due.filter(|due| until.is_none_or(|until| *due <= until)) else { return false };
        if due > self.now {
            self.now = due;
        } else {
            self.tick();
        }
        self.drive(|dispatcher, environment| {
            dispatcher.handle_time(environment);
        });
        true
    }

    /// Advances the clock by the time that an invocation waited instead of suspending.
    pub(super) fn catch_up(&mut self) {
        self.now = self.now.saturating_add(self.moved.elapsed());
        self.moved = Instant::now();
        while self.advance(Some(self.now)) {}
    }

    pub(super) fn decide_fate(&mut self, arn: &DurableExecutionArn, fate: Fault) {
        self.fates.insert(arn.into(), fate);
    }

    fn end_invocation(&mut self, arn: &DurableExecutionArn, request_id: &str, end: InvocationEnd) {
        let end = match self.fates.remove(&ExecutionId::from(arn)) {
            Some(Fault::LostAnswer) => InvocationEnd::Failed(died(request_id)),
            // The execution was paused and is resumed.
            Some(Fault::WithheldToken) if is_pending(&end) => InvocationEnd::Lost,
            _ => end,
        };
        self.tick();
        self.drive(|dispatcher, environment| {
            dispatcher.handle_invocation_ended(request_id, end, environment);
        });
    }
}

impl Work {
    fn request_id(&self) -> Option<&str> {
        match self {
            Self::Invoke(invocation) => Some(&invocation.invocation.request_id),
            Self::Call(_) => None,
        }
    }

    fn execution_id(&self) -> ExecutionId {
        match self {
            Self::Invoke(invocation) => ExecutionId::from(&invocation.arn),
            Self::Call(call) => call.id.caller.clone(),
        }
    }
}

/// Records an append.
fn record(events: &mut Vec<Event>, append: Append) {
    for (sequence, event) in append.replaced {
        let index = sequence.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        if let Some(recorded) = index.and_then(|index| events.get_mut(index)) {
            *recorded = event;
        }
    }
    events.extend(append.events);
}

fn is_pending(end: &InvocationEnd) -> bool {
    let InvocationEnd::Answered(answer) = end else { return false };
    matches!(serde_json::from_slice(answer), Ok(InvocationOutput::Pending))
}

pub(super) fn unknown(what: &str, id: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("There is no {what} {id}."))
}
