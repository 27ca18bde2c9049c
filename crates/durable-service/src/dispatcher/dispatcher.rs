//! The state machine over all executions of a service.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, Timestamp};

use super::after_deletion::AfterDeletion;
use super::calls::Calls;
use super::deliveries::{Deliveries, Stage};
use super::execution_id::ExecutionId;
use super::failure::{Failure, retry_delay};
use super::names::Names;
use super::output::{Answer, FunctionInvocation, Output};
use super::resident::{Origin, Release};
use super::slot::{Slot, Waiting};
use super::timers::Timers;
use super::wake_up::WakeUp;
use crate::callback::callback_execution_id;
use crate::callback_answer::CallbackAnswer;
use crate::command::{Command, InvocationEnd};
use crate::environment::Environment;
use crate::execution::Execution;
use crate::outcome::{Effect, Invocation, Reply};

/// Manages the executions of a service: a state machine without I/O.
///
/// A driver passes in requests and events ([`start`](Self::start), [`command`](Self::command), `handle_*`) and then
/// carries out every output of [`poll_output`](Self::poll_output). When [`next_due`](Self::next_due) has passed, it
/// calls [`handle_time`](Self::handle_time) until nothing is due. `T` identifies a request until it is answered.
///
/// Executions with nothing in flight and nothing due soon are passivated: only their timers stay in memory, and they
/// are loaded again on demand.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use durable_service::{
///     Answer, Dispatcher, Environment, FunctionDescription, FunctionKind, InvocationHeaders, Output, Seed, Settings,
///     StartRequest,
/// };
/// use durable_types::{DurableConfig, Timestamp};
///
/// let settings = Settings::default();
/// let mut functions = BTreeMap::new();
/// functions.insert("hello".to_owned(), FunctionDescription::new(FunctionKind::Durable));
/// let environment = Environment::new(&settings, &functions, Timestamp::EPOCH);
/// let request = StartRequest {
///     function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:hello:1".to_owned(),
///     function_name: "hello".to_owned(),
///     execution_name: None,
///     execution_id: "0b1c".to_owned(),
///     input: Some("\"Ada\"".to_owned()),
///     durable_config: DurableConfig::default(),
///     synchronous: true,
///     headers: InvocationHeaders::default(),
///     seed: Seed::default(),
/// };
///
/// let mut dispatcher = Dispatcher::new(None);
/// dispatcher.start(request, "request 1", environment);
/// let Some(Output::Append(append)) = dispatcher.poll_output(environment) else { panic!("it is recorded first") };
/// assert_eq!(dispatcher.poll_output(environment), None);
///
/// dispatcher.handle_appended(&append.execution_id, environment);
/// let answer = std::iter::from_fn(|| dispatcher.poll_output(environment))
///     .find_map(|output| if let Output::Answer("request 1", answer) = output { answer.ok() } else { None });
/// assert!(matches!(answer, Some(Answer::Started(started)) if !started.existed));
/// ```
///
/// # Invariants
/// - No change becomes visible before it is recorded.
/// - After a failed append the state in memory is ahead of the record, so it is discarded and loaded again.
/// - A function runs at most one invocation of an execution at a time, even after failed appends: invocations and calls
///   outlive the in-memory state of their executions.
/// - An invocation that has not been delivered is withdrawn when its execution ends or is paused.
#[derive(Debug)]
pub struct Dispatcher<T> {
    pub(super) slots: HashMap<ExecutionId, Slot<T>>,
    pub(super) names: Names<T>,
    pub(super) calls: Calls,
    pub(super) timers: Timers,
    pub(super) deliveries: Deliveries,
    /// The number of consecutive failures of executions that could not be recorded or loaded.
    pub(super) failures: HashMap<ExecutionId, u32>,
    passivate_beyond: Option<Duration>,
    /// Executions that have changed since they were last flushed.
    touched: Vec<ExecutionId>,
    outputs: VecDeque<Output<T>>,
}

impl<T> Dispatcher<T> {
    /// Creates a dispatcher that passivates executions that have ended or are not due within `passivate_beyond`. With
    /// `None`, every execution stays in memory.
    pub fn new(passivate_beyond: Option<Duration>) -> Self {
        Self {
            slots: HashMap::new(),
            names: Names::default(),
            calls: Calls::default(),
            timers: Timers::default(),
            deliveries: Deliveries::default(),
            failures: HashMap::new(),
            passivate_beyond,
            touched: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes the next output, or returns `None` if there is nothing to do until the next input.
    pub fn poll_output(&mut self, environment: Environment<'_>) -> Option<Output<T>> {
        while self.outputs.is_empty()
            && let Some(id) = self.touched.pop()
        {
            self.flush(&id, environment);
        }
        self.outputs.pop_front()
    }

    /// Returns when [`handle_time`](Self::handle_time) is due, once there are no more outputs.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.first()
    }

    /// Returns an execution that is in memory.
    ///
    /// Its state may not be recorded yet: request [`read`](Self::read) first.
    pub fn resident(&self, id: &ExecutionId) -> Option<&Execution> {
        match self.slots.get(id)? {
            Slot::Resident(resident) => Some(&resident.execution),
            Slot::Loading(_) | Slot::Deleting(_) => None,
        }
    }

    /// Returns an execution that is in memory, if its state is fully recorded.
    pub fn recorded(&self, id: &ExecutionId) -> Option<&Execution> {
        match self.slots.get(id)? {
            Slot::Resident(resident) if resident.is_recorded() => Some(&resident.execution),
            Slot::Resident(_) | Slot::Loading(_) | Slot::Deleting(_) => None,
        }
    }

    /// Removes an execution from memory and returns it, including changes that are not recorded yet.
    pub fn remove(&mut self, id: &ExecutionId) -> Option<Execution> {
        match self.slots.remove(id)? {
            Slot::Resident(resident) => Some(resident.execution),
            Slot::Loading(_) | Slot::Deleting(_) => None,
        }
    }

    /// Returns whether an execution is active in this process: it is in memory, or will be loaded when it is due.
    pub fn is_active(&self, id: &ExecutionId) -> bool {
        matches!(self.slots.get(id), Some(Slot::Resident(_) | Slot::Loading(_))) || self.timers.contains(id)
    }

    /// Returns the executions whose invocations are held because their function does not currently exist.
    pub fn held(&self) -> impl Iterator<Item = &ExecutionId> {
        self.deliveries.held().map(|(_, execution)| execution)
    }

    /// Applies a command to an execution, which is loaded if necessary.
    pub fn command(
        &mut self,
        arn: &DurableExecutionArn,
        command: Command,
        token: T,
        environment: Environment<'_>,
    ) {
        let id = ExecutionId::from(arn);
        match self.slots.get_mut(&id) {
            Some(Slot::Resident(resident)) if resident.execution.arn() == arn => {
                self.apply(&id, command, Origin::Request(token), environment);
            }
            Some(Slot::Resident(_)) => self.push(Output::Answer(token, Ok(Answer::Unknown))),
            Some(Slot::Loading(waiting)) => waiting.push(Waiting::Command(arn.clone(), command, token)),
            Some(Slot::Deleting(_)) => self.push(Output::Answer(token, Ok(Answer::Unknown))),
            None => self.load_for(&id, vec![Waiting::Command(arn.clone(), command, token)]),
        }
    }

    /// Passes the answer to a callback to the execution that owns it.
    pub fn callback(
        &mut self,
        callback_id: String,
        answer: CallbackAnswer,
        token: T,
        environment: Environment<'_>,
    ) {
        let Some(id) = callback_execution_id(&callback_id) else {
            return self.push(Output::Answer(token, Ok(Answer::Unknown)));
        };
        let id = ExecutionId::from(id.as_str());
        match self.slots.get_mut(&id) {
            Some(Slot::Resident(_)) => {
                let command = Command::Callback { callback_id, answer };
                self.apply(&id, command, Origin::Request(token), environment);
            }
            Some(Slot::Loading(waiting)) => waiting.push(Waiting::Callback(callback_id, answer, token)),
            Some(Slot::Deleting(_)) => self.push(Output::Answer(token, Ok(Answer::Unknown))),
            None => self.load_for(&id, vec![Waiting::Callback(callback_id, answer, token)]),
        }
    }

    /// Answers [`Readable`](Answer::Readable) once the in-memory state of an execution is fully recorded, or
    /// [`Unknown`](Answer::Unknown) if the execution is not in memory.
    pub fn read(&mut self, id: &ExecutionId, token: T) {
        match self.slots.get_mut(id) {
            Some(Slot::Resident(resident)) => {
                resident.answer(token, Answer::Readable);
                self.touch(id);
            }
            Some(Slot::Loading(_) | Slot::Deleting(_)) | None => {
                self.push(Output::Answer(token, Ok(Answer::Unknown)));
            }
        }
    }

    /// Resumes an execution of an earlier process, unless it is active already.
    pub fn resume(&mut self, id: &ExecutionId) {
        if !self.slots.contains_key(id) && !self.timers.contains(id) {
            self.load(id);
        }
    }

    /// Resumes an execution of an earlier process at `due`, unless it is active already.
    pub fn resume_at(&mut self, id: &ExecutionId, due: Timestamp) {
        if !self.slots.contains_key(id) && !self.timers.contains(id) {
            self.timers.set(id, Some(due));
        }
    }

    /// Immediately retries executions that are backing off after a failure of this function.
    pub fn handle_function_repaired(&mut self, function_name: &str, environment: Environment<'_>) {
        for slot in self.slots.values_mut() {
            if let Slot::Loading(waiting) = slot {
                waiting.push(Waiting::Repaired(function_name.to_owned()));
            }
        }
        let is_of_function = |slot: &Slot<T>| match slot {
            Slot::Resident(resident) => resident.execution.arn().function_name() == function_name,
            Slot::Loading(_) | Slot::Deleting(_) => false,
        };
        let waiting = self.slots.iter().filter(|(_, slot)| is_of_function(slot));
        let waiting: Vec<_> = waiting.map(|(id, _)| id.clone()).collect();
        for id in waiting {
            self.apply(&id, Command::FunctionRepaired, Origin::Own, environment);
        }
    }

    /// Dispatches invocations that were held because their functions did not exist, and withdraws queued ones whose
    /// functions no longer exist; their executions are held instead.
    pub fn handle_functions_changed(&mut self, environment: Environment<'_>) {
        let owned = |(request_id, id): (&str, &ExecutionId)| (request_id.to_owned(), id.clone());
        let held: Vec<_> = self.deliveries.held().map(owned).collect();
        let dispatched: Vec<_> = self.deliveries.dispatched().map(owned).collect();
        // Executions that are being loaded are checked by `take_over`.
        for (request_id, id) in held {
            if self.resident(&id).is_some_and(|execution| exists(execution, environment)) {
                self.dispatch_held(&id, request_id, environment);
            }
        }
        for (request_id, id) in dispatched {
            if self.resident(&id).is_some_and(|execution| !exists(execution, environment)) {
                self.withdraw(&id, request_id, environment);
            }
        }
    }

    /// Dispatches an invocation that was held, now that its function exists.
    pub(super) fn dispatch_held(
        &mut self,
        id: &ExecutionId,
        request_id: String,
        environment: Environment<'_>,
    ) {
        match self.deliveries.remove(&request_id).map(|delivery| delivery.stage) {
            Some(Stage::Held(Some(invocation))) => self.dispatch(id, invocation, environment),
            Some(Stage::Held(None)) => {
                let command = Command::InvocationEnded { request_id, end: InvocationEnd::Lost };
                self.apply(id, command, Origin::Own, environment);
            }
            Some(Stage::Dispatched | Stage::Delivered | Stage::Ended(_)) | None => {}
        }
    }

    /// Marks an invocation as delivered. Returns `false` if it must not be delivered because it was withdrawn.
    pub fn deliver(&mut self, request_id: &str) -> bool {
        self.deliveries.deliver(request_id)
    }

    /// Handles the end of an invocation.
    pub fn handle_invocation_ended(
        &mut self,
        request_id: &str,
        end: InvocationEnd,
        environment: Environment<'_>,
    ) {
        let Some(id) = self.deliveries.end(request_id, end.clone()) else { return };
        match self.slots.get(&id) {
            Some(Slot::Resident(_)) => self.record_end(&id, request_id, end, environment),
            // The end is recorded once the execution has been loaded again.
            Some(Slot::Loading(_) | Slot::Deleting(_)) => {}
            None => self.load(&id),
        }
    }

    /// Handles a successful append.
    pub fn handle_appended(&mut self, id: &ExecutionId, environment: Environment<'_>) {
        let Some(Slot::Resident(resident)) = self.slots.get_mut(id) else { return };
        let releases = resident.handle_appended();
        let is_closed = resident.is_end_recorded;
        self.failures.remove(id);
        self.push(Output::Recorded { execution_id: id.clone(), is_closed });
        self.release(id, releases, environment);
        self.touch(id);
    }

    /// Handles an append that failed or whose outcome is unknown: discards the in-memory state.
    pub fn handle_append_failed(&mut self, id: &ExecutionId, failure: Failure, now: Timestamp) {
        if self.fail(id, &failure.error) {
            // A failed start may have been recorded as well.
            self.retry_later(id, failure, now);
            self.retry_lookup(id);
        }
    }

    /// Handles an append that failed because the execution already exists: an earlier process called it.
    pub fn handle_exists(&mut self, id: &ExecutionId) {
        let message = format!("execution {id} already exists");
        if self.fail(id, &ServiceError::new(ServiceErrorKind::Service, message)) {
            self.failures.remove(id);
            self.load(id);
            self.retry_lookup(id);
        }
    }

    /// Handles the execution that has been due the longest. Returns whether there was one.
    pub fn handle_time(&mut self, environment: Environment<'_>) -> bool {
        let Some(id) = self.timers.pop_due(environment.now) else { return false };
        match self.slots.get(&id) {
            Some(Slot::Resident(_)) => self.apply(&id, Command::TimerDue, Origin::Own, environment),
            Some(Slot::Loading(_) | Slot::Deleting(_)) => {}
            None => self.load(&id),
        }
        true
    }

    pub(super) fn push(&mut self, output: Output<T>) {
        self.outputs.push_back(output);
    }

    /// Schedules an execution to be flushed before the next output.
    pub(super) fn touch(&mut self, id: &ExecutionId) {
        self.touched.push(id.clone());
    }

    /// Applies a command to an execution in memory.
    pub(super) fn apply(
        &mut self,
        id: &ExecutionId,
        command: Command,
        origin: Origin<T>,
        environment: Environment<'_>,
    ) {
        let Some(Slot::Resident(resident)) = self.slots.get_mut(id) else { return };
        resident.handle(command, origin, environment);
        if let Some(request_id) = resident.obsolete_invocation()
            && !self.deliveries.may_be_delivered(request_id)
        {
            let request_id = request_id.to_owned();
            self.withdraw(id, request_id, environment);
        }
        self.touch(id);
    }

    /// Ends an invocation that its function has not received.
    pub(super) fn withdraw(&mut self, id: &ExecutionId, request_id: String, environment: Environment<'_>) {
        let Some(Slot::Resident(resident)) = self.slots.get_mut(id) else { return };
        self.deliveries.remove(&request_id);
        let (end, withdrawn) = (InvocationEnd::Withdrawn, request_id.clone());
        resident.handle(Command::InvocationEnded { request_id, end }, Origin::Own, environment);
        self.push(Output::Withdraw { request_id: withdrawn });
        self.touch(id);
    }

    /// Starts the next append, releases what depends on no append, and passivates the execution if it is idle.
    fn flush(&mut self, id: &ExecutionId, environment: Environment<'_>) {
        let Some(Slot::Resident(resident)) = self.slots.get_mut(id) else { return };
        if let Some(mut after) = resident.deletion.take() {
            after.extend(self.discard(id));
            return self.delete(id, after);
        }
        let wake_up = wake_up(&resident.execution, self.passivate_beyond, environment.now);
        if let Some(append) = resident.poll_append(id, wake_up) {
            self.outputs.push_back(Output::Append(Box::new(append)));
        }
        let releases = resident.take_released();
        if !releases.is_empty() {
            self.release(id, releases, environment);
        }
        self.settle(id, environment.now);
    }

    /// Discards the in-memory state of an execution whose append failed. Returns whether it was in memory.
    fn fail(&mut self, id: &ExecutionId, error: &ServiceError) -> bool {
        let Some(Slot::Resident(resident)) = self.slots.remove(id) else { return false };
        for release in resident.into_unreleased() {
            if let Release::Answer(token, _) = release {
                self.push(Output::Answer(token, Err(error.clone())));
            }
        }
        true
    }

    /// Schedules an execution to be loaded again after a failure, unless the failure is permanent.
    pub(super) fn retry_later(&mut self, id: &ExecutionId, failure: Failure, now: Timestamp) {
        let due = failure.is_transient.then(|| {
            let failures = self.failures.entry(id.clone()).or_default();
            *failures = failures.saturating_add(1);
            now.saturating_add(retry_delay(*failures))
        });
        self.timers.set(id, due);
        self.push(Output::Failed(id.clone(), failure));
    }

    pub(super) fn record_end(
        &mut self,
        id: &ExecutionId,
        request_id: &str,
        end: InvocationEnd,
        environment: Environment<'_>,
    ) {
        let command = Command::InvocationEnded { request_id: request_id.to_owned(), end };
        self.apply(id, command, Origin::Invocation(request_id.to_owned()), environment);
    }

    /// Makes recorded changes visible.
    fn release(&mut self, id: &ExecutionId, releases: Vec<Release<T>>, environment: Environment<'_>) {
        let is_deletion = |release: &Release<T>| matches!(release, Release::Effect(Effect::Delete));
        let is_deleted = releases.iter().any(is_deletion);
        let mut after_deletion = Vec::new();
        for release in releases {
            match release {
                // A deletion is acknowledged once the execution can no longer be found.
                Release::Answer(token, answer @ Ok(Answer::Done(Reply::Deleting(_)))) if is_deleted => {
                    after_deletion.push(AfterDeletion::Answer(token, answer));
                }
                Release::Answer(token, answer) => self.push(Output::Answer(token, answer)),
                Release::InvocationRecorded(request_id) => drop(self.deliveries.remove(&request_id)),
                Release::CallRecorded(call) => self.calls.remove(&call),
                Release::Effect(effect) => self.carry_out(id, effect, environment),
            }
        }
        // The driver reads how the execution ended before it is deleted.
        if is_deleted && let Some(Slot::Resident(resident)) = self.slots.get_mut(id) {
            resident.deletion = Some(after_deletion);
            self.touch(id);
        }
        self.retry_lookup(id);
    }

    /// Removes an execution from memory and returns its outstanding answers.
    fn discard(&mut self, id: &ExecutionId) -> Vec<AfterDeletion<T>> {
        let Some(Slot::Resident(resident)) = self.slots.remove(id) else { return Vec::new() };
        let answer = |release| match release {
            Release::Answer(token, answer) => Some(AfterDeletion::Answer(token, answer)),
            Release::Effect(_) | Release::InvocationRecorded(_) | Release::CallRecorded(_) => None,
        };
        resident.into_unreleased().into_iter().filter_map(answer).collect()
    }

    fn carry_out(&mut self, id: &ExecutionId, effect: Effect, environment: Environment<'_>) {
        let Some(execution) = self.resident(id) else { return };
        match effect {
            // The invocation may have been withdrawn in the meantime.
            Effect::Invoke(invocation) => {
                if execution.invocation_in_flight() == Some(&invocation.request_id) {
                    self.dispatch(id, invocation, environment);
                }
            }
            Effect::InvokeFunction(call) => {
                let arn = execution.arn().clone();
                self.call(&arn, call, environment);
            }
            Effect::Closed => {
                // The ends of its calls are no longer needed.
                self.calls.retain_of(id, &[]);
                self.handle_callee_closed(id, environment);
            }
            Effect::QuotaNear(used) => {
                let arn = execution.arn().clone();
                self.push(Output::QuotaNear(arn, used));
            }
            Effect::Delete => {}
        }
    }

    /// Dispatches an invocation, or holds it until the function exists.
    fn dispatch(&mut self, id: &ExecutionId, invocation: Invocation, environment: Environment<'_>) {
        let Some(execution) = self.resident(id) else { return };
        let request_id = invocation.request_id.clone();
        if !exists(execution, environment) {
            return self.deliveries.insert(request_id, id.clone(), Stage::Held(Some(invocation)));
        }
        let (arn, headers) = (execution.arn().clone(), execution.invocation_headers(environment.settings));
        self.deliveries.insert(request_id, id.clone(), Stage::Dispatched);
        self.push(Output::Invoke(Box::new(FunctionInvocation { arn, headers, invocation })));
    }

    /// Sets the timer of an execution and passivates it if it is idle.
    fn settle(&mut self, id: &ExecutionId, now: Timestamp) {
        let Some(Slot::Resident(resident)) = self.slots.get(id) else { return };
        self.timers.set(id, resident.execution.next_due());
        if !resident.is_settled() {
            return;
        }
        self.failures.remove(id);
        if is_idle(&resident.execution, self.passivate_beyond, now) {
            self.slots.remove(id);
        }
    }
}

/// Returns whether an execution can be passivated: it has nothing in flight and is not due soon.
fn is_idle(execution: &Execution, passivate_beyond: Option<Duration>, now: Timestamp) -> bool {
    let Some(passivate_beyond) = passivate_beyond else { return false };
    let is_far = |due: Timestamp| due.saturating_since(now) > passivate_beyond;
    // An execution that backs off stays in memory, so it is retried at once when its function is repaired.
    let is_retried = execution.invocations.retry_at().is_some()
        && !execution.is_closed()
        && execution.pause_details().is_none();
    execution.invocation_in_flight().is_none() && execution.next_due().is_none_or(is_far) && !is_retried
}

/// Returns when an execution has to be loaded after a restart.
fn wake_up(execution: &Execution, passivate_beyond: Option<Duration>, now: Timestamp) -> WakeUp {
    let waits_for_call = execution.calls().next().is_some();
    if execution.is_closed() || waits_for_call || !is_idle(execution, passivate_beyond, now) {
        return WakeUp::AtStart;
    }
    execution.next_due().map_or(WakeUp::OnDemand, WakeUp::At)
}

/// Returns whether the function of an execution exists or has an endpoint that was passed at the start.
pub(super) fn exists(execution: &Execution, environment: Environment<'_>) -> bool {
    let name = execution.arn().function_name();
    execution.headers().endpoint.is_some() || environment.functions.find(name).is_some()
}
