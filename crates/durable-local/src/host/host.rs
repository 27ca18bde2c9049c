//! The executions of a service: what happens to them, and what follows.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use durable_service::{
    Answer, Append, CallbackAnswer, ChainedInvokeEnd, Command, Dispatcher, Environment, Execution,
    ExecutionId, ExecutionName, Failure, FunctionInvocation, InvocationEnd, Loaded, Output, PlainCall, Reply,
    Settings, StartRequest, StartedExecution,
};
use durable_store_sqlite::logs::LogStore;
use durable_store_sqlite::{Store, StoreError};
use durable_types::api::{GetStateRequest, GetStateResponse, ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ErrorObject, Timestamp};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};

use super::progress::{ClosedExecution, Progress, Standing};
use super::record;
use super::record_error::RecordError;
use super::timer::Timer;
use crate::causes::with_causes;
use crate::clock;
use crate::service::Functions;

/// The target of the `tracing` events for failed invocations, for programs that report failures in another way.
pub const FAILED_INVOCATIONS: &str = "durable::failed_invocations";

/// Executions that are loaded at the same time.
const LOADS_AT_ONCE: usize = 4;

/// Executions that wait for longer than this are not kept in memory.
const PASSIVATE_BEYOND: Duration = Duration::from_secs(5);

/// Histories with more bytes than this are replayed on a thread for blocking work.
const QUICKLY_REPLAYED: usize = 64 * 1024;

/// The request that an answer belongs to.
type Token = oneshot::Sender<Result<Answer, ServiceError>>;

/// The executions of a service. It is cheap to clone.
#[derive(Clone)]
pub(crate) struct Host {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    logs: LogStore,
    settings: Settings,
    functions: Arc<Functions>,
    state: Mutex<State>,
    timer: Timer,
    loads: Semaphore,
}

struct State {
    dispatcher: Dispatcher<Token>,
    /// The progress of executions that have watchers.
    watched: HashMap<ExecutionId, watch::Sender<Progress>>,
    /// Invocations that wait for their function to have capacity.
    queued: HashMap<String, AbortHandle>,
    tasks: JoinSet<()>,
    /// The time for which the timer is set.
    due: Option<Timestamp>,
    /// Set once, before the tasks are aborted: nothing happens after that.
    is_stopping: bool,
}

impl Host {
    pub(crate) fn new(store: Store, logs: LogStore, settings: Settings, functions: Arc<Functions>) -> Self {
        let state = State {
            dispatcher: Dispatcher::new(Some(PASSIVATE_BEYOND)),
            watched: HashMap::new(),
            queued: HashMap::new(),
            tasks: JoinSet::new(),
            due: None,
            is_stopping: false,
        };
        let shared = Shared {
            store,
            logs,
            settings,
            functions,
            state: Mutex::new(state),
            timer: Timer::default(),
            loads: Semaphore::new(LOADS_AT_ONCE),
        };
        let host = Self { shared: Arc::new(shared) };
        host.spawn(host.clone().run_timer());
        host
    }

    /// Starts an execution, or finds the one that has the name.
    pub(crate) async fn start(&self, request: StartRequest) -> Result<StartedExecution, ServiceError> {
        let answer =
            self.request(|dispatcher, token, environment| dispatcher.start(request, token, environment));
        match answer.await? {
            Answer::Started(started) => Ok(started),
            Answer::Done(_) | Answer::Readable | Answer::Unknown => Err(misanswered("a start")),
        }
    }

    /// Finds an execution by its name, and resumes it unless it has ended.
    pub(crate) async fn find(&self, name: &ExecutionName) -> Result<Option<StartedExecution>, ServiceError> {
        match self.request(|dispatcher, token, _| dispatcher.find(name, token)).await? {
            Answer::Started(started) => Ok(Some(started)),
            Answer::Unknown => Ok(None),
            Answer::Done(_) | Answer::Readable => Err(misanswered("a name")),
        }
    }

    /// Carries out a command on an execution. Returns `None` if there is no such execution.
    pub(crate) async fn command(
        &self,
        arn: &DurableExecutionArn,
        command: Command,
    ) -> Result<Option<Reply>, ServiceError> {
        let answer = self.request(|dispatcher, token, environment| {
            dispatcher.command(arn, command, token, environment);
        });
        done(answer.await?)
    }

    /// Answers a callback. Returns `None` if there is no such execution.
    pub(crate) async fn callback(
        &self,
        callback_id: String,
        answer: CallbackAnswer,
    ) -> Result<Option<Reply>, ServiceError> {
        let answer = self.request(|dispatcher, token, environment| {
            dispatcher.callback(callback_id, answer, token, environment);
        });
        done(answer.await?)
    }

    /// Reads an execution as recorded. Returns `None` if there is no such execution.
    pub(crate) async fn read<R>(
        &self,
        arn: &DurableExecutionArn,
        look: impl FnOnce(&Execution) -> R,
    ) -> Result<Option<R>, RecordError> {
        let id = ExecutionId::from(arn);
        let mut look = Some(look);
        if let Ok(Answer::Readable) = self.request(|dispatcher, token, _| dispatcher.read(&id, token)).await {
            let seen = self.with(|state| {
                let execution = state.dispatcher.recorded(&id).filter(|execution| execution.arn() == arn)?;
                look.take().map(|look| look(execution))
            });
            if seen.is_some() {
                return Ok(seen);
            }
        }
        let loaded = self.loaded(&id).await?;
        let loaded = loaded.filter(|loaded| loaded.execution.arn() == arn);
        Ok(loaded.and_then(|loaded| Some(look.take()?(&loaded.execution))))
    }

    /// Reads a page of the operations of an execution, as its invocation may. Returns `None` if there is no such
    /// execution.
    pub(crate) async fn state_page(
        &self,
        arn: &DurableExecutionArn,
        request: GetStateRequest,
    ) -> Result<Option<GetStateResponse>, ServiceError> {
        let settings = &self.shared.settings;
        let page = self.read(arn, |execution| execution.state_page(&request, settings));
        page.await?.transpose()
    }

    /// Watches an execution that runs here. Returns `None` if it does not.
    pub(crate) fn watch(&self, arn: &DurableExecutionArn) -> Option<watch::Receiver<Progress>> {
        let id = ExecutionId::from(arn);
        self.with(|state| state.dispatcher.is_active(&id).then(|| state.watch(&id)))
    }

    /// Watches an execution that is about to start.
    pub(crate) fn watch_start(&self, execution_id: &str) -> watch::Receiver<Progress> {
        self.with(|state| state.watch(&execution_id.into()))
    }

    /// Makes an execution of an earlier process continue, unless it runs already.
    pub(crate) fn resume(&self, arn: &DurableExecutionArn) {
        self.drive(|dispatcher, _| dispatcher.resume(arn));
    }

    /// Retries executions at once that wait because this function failed.
    pub(crate) fn retry_now(&self, function_name: &str) {
        self.drive(|dispatcher, environment| dispatcher.handle_function_repaired(function_name, environment));
    }

    /// Runs a task until it ends or the service stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.with(|state| state.spawn(task));
    }

    /// Aborts everything, without waiting for it. Executions continue when they are resumed.
    pub(crate) fn abort(&self) {
        self.take_tasks().abort_all();
    }

    /// Aborts everything. Executions continue when they are resumed.
    pub(crate) async fn stop(&self) {
        self.take_tasks().shutdown().await;
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(super) fn timer(&self) -> &Timer {
        &self.shared.timer
    }

    /// Returns when the next execution is due, if any, or `None` if the service stops.
    pub(super) fn next_due(&self) -> Option<Option<Timestamp>> {
        self.with(|state| {
            state.due = state.dispatcher.next_due();
            (!state.is_stopping).then_some(state.due)
        })
    }

    /// Passes something to the dispatcher, and carries out what follows.
    pub(super) fn drive(&self, f: impl FnOnce(&mut Dispatcher<Token>, Environment<'_>)) {
        let outputs = self.with(|state| {
            if state.is_stopping {
                return Vec::new();
            }
            let Shared { settings, functions, timer, .. } = &*self.shared;
            let environment = Environment::new(settings, functions.as_ref(), clock::now());
            f(&mut state.dispatcher, environment);
            let mut outputs = Vec::new();
            while let Some(output) = state.dispatcher.poll_output(environment) {
                match output {
                    // The client may have disconnected.
                    Output::Answer(token, answer) => drop(token.send(answer)),
                    Output::Recorded { execution_id, is_closed } => {
                        state.handle_recorded(&execution_id, is_closed);
                    }
                    Output::Gone(id) => state.handle_gone(&id),
                    output => outputs.push(output),
                }
            }
            let due = state.dispatcher.next_due();
            if due.is_some_and(|due| state.due.is_none_or(|set| due < set)) {
                timer.reset();
            }
            outputs
        });
        outputs.into_iter().for_each(|output| self.carry_out(output));
    }

    fn carry_out(&self, output: Output<Token>) {
        let host = self.clone();
        match output {
            Output::Append(append) => self.spawn(host.append(*append)),
            Output::Load(id) => self.spawn(host.load(id)),
            Output::FindName(name) => self.spawn(host.find_name(name)),
            Output::Delete(id) => self.spawn(host.delete(id)),
            Output::Invoke(invocation) => self.invoke(*invocation),
            Output::Withdraw { request_id } => {
                if let Some(task) = self.with(|state| state.queued.remove(&request_id)) {
                    task.abort();
                }
            }
            Output::Call(call) => self.spawn(host.call(*call)),
            Output::QuotaNear(arn, used) => tracing::warn!(execution = arn.as_str(), "{used}"),
            // Watchers get failures along with their causes; the others were handled under the lock.
            Output::Failed(..) | Output::Answer(..) | Output::Recorded { .. } | Output::Gone(_) => {}
        }
    }

    async fn append(self, append: Append) {
        let id = append.execution_id.clone();
        let appended = match record::append(append) {
            Ok(append) => self.shared.store.append(append).await.map_err(RecordError::from),
            Err(error) => Err(error),
        };
        match appended {
            Ok(()) => self.drive(|dispatcher, environment| dispatcher.handle_appended(&id, environment)),
            Err(RecordError::Store(StoreError::AlreadyRecorded { .. })) => {
                self.drive(|dispatcher, _| dispatcher.handle_exists(&id));
            }
            Err(error) => {
                self.drive(|dispatcher, environment| {
                    dispatcher.handle_append_failed(&id, failure(&error), environment.now);
                });
                self.report_failure(&id, &error);
            }
        }
    }

    async fn load(self, id: ExecutionId) {
        let (loaded, error) = match self.loaded(&id).await {
            Ok(loaded) => (Ok(loaded), None),
            Err(error) => (Err(failure(&error)), Some(error)),
        };
        self.drive(|dispatcher, environment| dispatcher.handle_loaded(&id, loaded, environment));
        if let Some(error) = error {
            self.report_failure(&id, &error);
        }
    }

    /// Reads an execution from the store.
    async fn loaded(&self, id: &ExecutionId) -> Result<Option<Loaded>, RecordError> {
        // The semaphore is never closed; without a permit it would only be busier here.
        let _permit = self.shared.loads.acquire().await.ok();
        let Some(row) = self.shared.store.execution(id.as_str()).await? else { return Ok(None) };
        let texts = self.shared.store.events(id.as_str(), 0).await?;
        if texts.is_empty() && self.shared.store.execution(id.as_str()).await?.is_none() {
            // It was deleted just now.
            return Ok(None);
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        let replayed = if bytes > QUICKLY_REPLAYED {
            let id = id.clone();
            let replayed = spawn_blocking(move || record::replay(&texts, id.as_str())).await;
            replayed.map_err(|_| RecordError::Store(StoreError::Closed))?
        } else {
            record::replay(&texts, id.as_str())
        };
        let (execution, sequence) = replayed?;
        Ok(Some(Loaded { execution, sequence, is_imported: row.is_imported }))
    }

    async fn find_name(self, name: ExecutionName) {
        let found = self.shared.store.execution_by_name(&name.function, &name.execution).await;
        let found = match found.map(|row| row.map(|row| (row.arn.clone(), record::named(row)))) {
            Ok(None) => Ok(None),
            Ok(Some((_, Some(named)))) => Ok(Some(named)),
            Ok(Some((arn, None))) => {
                let message = format!("the record contains `{arn}` instead of an ARN; it is damaged");
                Err(Failure {
                    error: ServiceError::new(ServiceErrorKind::Service, message),
                    is_transient: false,
                })
            }
            Err(error) => Err(failure(&error.into())),
        };
        self.drive(|dispatcher, environment| dispatcher.handle_name_found(&name, found, environment));
    }

    async fn delete(self, id: ExecutionId) {
        let deleted = self.delete_recorded(&id).await;
        if let Err(error) = &deleted {
            let error = with_causes(error);
            tracing::warn!(execution = id.as_str(), error, "the execution is deleted later");
        }
        let deleted = deleted.map_err(|error| RecordError::from(error).into());
        self.drive(|dispatcher, _| dispatcher.handle_deleted(&id, deleted));
    }

    /// Deletes what is recorded of an execution, and what its functions printed.
    async fn delete_recorded(&self, id: &ExecutionId) -> Result<(), StoreError> {
        let Some(row) = self.shared.store.execution(id.as_str()).await? else { return Ok(()) };
        match self.shared.store.delete(id.as_str()).await {
            Ok(()) | Err(StoreError::UnknownExecution { .. }) => {
                self.shared.logs.forget(&row.arn);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn invoke(&self, invocation: FunctionInvocation) {
        let request_id = invocation.invocation.request_id.clone();
        let (host, of) = (self.clone(), request_id.clone());
        self.with(|state| {
            if state.is_stopping {
                return;
            }
            state.forget_ended_tasks();
            let task = state.tasks.spawn(host.run_invocation(invocation));
            state.queued.insert(of, task);
        });
    }

    async fn run_invocation(self, invocation: FunctionInvocation) {
        let FunctionInvocation { arn, headers, invocation } = invocation;
        let request_id = invocation.request_id.clone();
        let function = self.shared.functions.find_at(arn.function_name(), headers.endpoint.as_deref());
        let end = match function {
            Some(function) => {
                // Without an end, it was withdrawn or the service stops.
                let ended = function.invoke(invocation, &arn, headers, || self.deliver(&request_id)).await;
                let Some((end, output)) = ended else { return };
                self.with(|state| state.handle_output(&(&arn).into(), Arc::new(output)));
                end
            }
            // It was removed just now.
            None => {
                let message = format!("Function not found: {}", arn.function_arn());
                InvocationEnd::Failed(ErrorObject::new("ResourceNotFoundException", message))
            }
        };
        if let InvocationEnd::Failed(error) = &end {
            warn_of_failure(&arn, error);
        }
        // It may have ended without having been delivered.
        self.with(|state| state.queued.remove(&request_id));
        self.drive(|dispatcher, environment| {
            dispatcher.handle_invocation_ended(&request_id, end, environment);
        });
    }

    /// Returns whether a function may receive an invocation that waited for capacity.
    fn deliver(&self, request_id: &str) -> bool {
        self.with(|state| {
            state.queued.remove(request_id);
            state.dispatcher.deliver(request_id)
        })
    }

    async fn call(self, call: PlainCall) {
        let PlainCall { id, function_arn, function_name, headers, input } = call;
        let end = match self.shared.functions.named(&function_name).cloned() {
            Some(function) => {
                let input = input.unwrap_or_else(|| "null".to_owned());
                // Without an answer, the service stops.
                let Some(answer) = function.run(input.into(), function_arn, headers).await else { return };
                end_of_answer(answer)
            }
            None => {
                let message = format!("Function not found: {function_name}.");
                ChainedInvokeEnd::Failed(ErrorObject::new("ResourceNotFoundException", message))
            }
        };
        self.drive(|dispatcher, environment| dispatcher.handle_call_ended(&id, end, environment));
    }

    /// Makes a request and waits for its answer.
    async fn request(
        &self,
        f: impl FnOnce(&mut Dispatcher<Token>, Token, Environment<'_>),
    ) -> Result<Answer, ServiceError> {
        let (token, answer) = oneshot::channel();
        self.drive(|dispatcher, environment| f(dispatcher, token, environment));
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Reports to the watchers of an execution that it could not be recorded or read.
    ///
    /// The dispatcher must know first; otherwise a watcher that subscribes in between would wait forever.
    fn report_failure(&self, id: &ExecutionId, error: &RecordError) {
        let cause = with_causes(error);
        if error.is_transient() {
            tracing::warn!(execution = id.as_str(), error = cause, "the execution is retried");
        } else {
            tracing::error!(execution = id.as_str(), error = cause, "the execution cannot continue");
        }
        self.with(|state| state.handle_failed(id, error));
    }

    fn take_tasks(&self) -> JoinSet<()> {
        self.shared.timer.reset();
        self.with(|state| {
            state.is_stopping = true;
            state.watched.clear();
            state.dispatcher = Dispatcher::new(None);
            take(&mut state.tasks)
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        if !self.is_stopping {
            self.forget_ended_tasks();
            self.tasks.spawn(task);
        }
    }

    fn forget_ended_tasks(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }

    fn watch(&mut self, id: &ExecutionId) -> watch::Receiver<Progress> {
        self.watched.retain(|_, progress| !progress.is_closed());
        let dispatcher = &self.dispatcher;
        let begin = || {
            // It may have ended although its last invocation has not.
            let closed = dispatcher.recorded(id).and_then(ClosedExecution::of);
            let standing = closed.map_or(Standing::Open, |closed| Standing::Closed(Arc::new(closed)));
            watch::Sender::new(Progress { standing, output: None })
        };
        self.watched.entry(id.clone()).or_insert_with(begin).subscribe()
    }

    fn handle_recorded(&mut self, id: &ExecutionId, is_closed: bool) {
        let Some(progress) = self.watched.get(id) else { return };
        let closed = self.dispatcher.resident(id).filter(|_| is_closed).and_then(ClosedExecution::of);
        // Watchers read the new events even if the standing is the same.
        progress.send_modify(|progress| {
            if let Some(closed) = closed
                && matches!(progress.standing, Standing::Open)
            {
                progress.standing = Standing::Closed(Arc::new(closed));
            }
        });
    }

    fn handle_gone(&mut self, id: &ExecutionId) {
        if let Some(progress) = self.watched.remove(id) {
            progress.send_modify(|progress| progress.standing = Standing::Gone);
        }
    }

    fn handle_failed(&mut self, id: &ExecutionId, error: &RecordError) {
        let Some(progress) = self.watched.remove(id) else { return };
        progress.send_modify(|progress| {
            if matches!(progress.standing, Standing::Open) {
                progress.standing = Standing::Failed(error.clone());
            }
        });
    }

    fn handle_output(&mut self, id: &ExecutionId, output: Arc<crate::service::OutputTail>) {
        if let Some(progress) = self.watched.get(id) {
            progress.send_modify(|progress| progress.output = Some(output));
        }
    }
}

fn done(answer: Answer) -> Result<Option<Reply>, ServiceError> {
    match answer {
        Answer::Done(reply) => Ok(Some(reply)),
        Answer::Unknown => Ok(None),
        Answer::Started(_) | Answer::Readable => Err(misanswered("a command")),
    }
}

fn misanswered(what: &str) -> ServiceError {
    let message = format!("{what} was not answered as one; this is a bug in durable");
    ServiceError::new(ServiceErrorKind::Service, message)
}

fn stopping() -> ServiceError {
    ServiceError::new(ServiceErrorKind::Service, "the service is being stopped")
}

fn failure(error: &RecordError) -> Failure {
    Failure { error: error.clone().into(), is_transient: error.is_transient() }
}

fn end_of_answer(answer: Result<bytes::Bytes, ErrorObject>) -> ChainedInvokeEnd {
    match answer.map(|body| String::from_utf8(body.to_vec())) {
        Ok(Ok(result)) => ChainedInvokeEnd::Succeeded(Some(result)),
        Ok(Err(_)) => {
            let message = "CHAINED_INVOKE response could not be decoded as UTF-8.";
            ChainedInvokeEnd::Failed(ErrorObject::new("InvalidParameterValueException", message))
        }
        Err(error) => ChainedInvokeEnd::Failed(error),
    }
}

/// Logs a failed invocation, which is otherwise visible only as an execution that waits for its next attempt.
fn warn_of_failure(arn: &DurableExecutionArn, error: &ErrorObject) {
    let (function, name, error) = (arn.function_name(), arn.execution_name(), error.to_string());
    let error = error.lines().next().unwrap_or_default();
    tracing::warn!(target: FAILED_INVOCATIONS, "{function}: an invocation of {name} failed: {error}");
}
