//! Runs the executions of a service: passes requests, results and timers to the dispatcher, and performs its outputs.

use std::collections::HashMap;
use std::mem::{replace, take};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use durable_service::{
    Answer, Append, Dispatcher, DispatcherCounts, Environment, Event, Execution, ExecutionEnd, ExecutionId,
    ExecutionName, Failure, Output, Settings,
};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ExecutionStatus, Timestamp};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tracing::{Instrument, Span};

use crate::account::Account;
use crate::causes::with_causes;
use crate::change_queue::ChangeSender;
use crate::clock::Clock;
use crate::command_kind::CommandKind;
use crate::error::RecordError;
use crate::function::FunctionInvoker;
use crate::host_settings::HostSettings;
use crate::load_permits::LoadPermits;
use crate::logs::LogStore;
use crate::metrics::{FunctionsByName, HostMetrics};
use crate::panic::{Panicked, caught};
use crate::pending_causes::PendingCauses;
use crate::progress::{ClosedExecution, Progress};
use crate::record;
use crate::spans::{self, Cause, CommandSpan};
use crate::store::{AppendCauses, EventStore, StoreError, StoreErrorKind};
use crate::timer::Timer;
use crate::watchers::Watchers;

/// Executions that wait for longer than this are passivated.
const PASSIVATION_THRESHOLD: Duration = Duration::from_secs(5);

/// Identifies a request to the dispatcher: the channel that receives its answer.
pub(crate) type Token = oneshot::Sender<Result<Answer, ServiceError>>;

/// Runs the executions of a service. It is a handle that is cheap to clone.
///
/// It must be created within a tokio runtime. Its tasks run until [`stop`](Self::stop) or [`abort`](Self::abort) is
/// called; dropping the handle does not stop them.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// A handle that does not keep its host alive.
#[derive(Debug)]
pub(crate) struct WeakHost(Weak<Shared>);

struct Shared {
    store: Arc<dyn EventStore>,
    logs: Arc<dyn LogStore>,
    clock: Arc<dyn Clock>,
    account: Account,
    rules: Settings,
    state: Mutex<State>,
    timer: Timer,
    load_permits: LoadPermits,
    metrics: HostMetrics,
    stopped: Notify,
}

pub(crate) struct State {
    pub(crate) dispatcher: Dispatcher<Token>,
    functions: Arc<dyn FunctionInvoker>,
    pub(crate) function_metrics: FunctionsByName,
    pub(crate) pending_causes: PendingCauses,
    pub(crate) watchers: Watchers,
    /// The tasks of invocations that wait for capacity, by request id.
    pub(crate) queued: HashMap<String, AbortHandle>,
    pub(crate) tasks: JoinSet<()>,
    /// The deadline that the timer is set for.
    due: Option<Timestamp>,
    /// Set once, before the tasks are aborted. No input is processed afterwards.
    pub(crate) is_stopping: bool,
}

/// An output of the dispatcher that must be performed without the lock.
struct Task {
    output: Output<Token>,
    /// The commands that an append records.
    causes: Vec<Span>,
}

impl Host {
    /// Creates a host. Executions of earlier processes resume when [`resume_all`](Self::resume_all) is called.
    pub fn new(settings: HostSettings) -> Self {
        let HostSettings { store, logs, functions, clock, account, rules } = settings;
        let metrics = HostMetrics::default();
        let mut function_metrics = metrics.functions();
        function_metrics.add(functions.names());
        let state = State {
            dispatcher: Dispatcher::new(Some(PASSIVATION_THRESHOLD)),
            functions,
            function_metrics,
            pending_causes: PendingCauses::default(),
            watchers: Watchers::default(),
            queued: HashMap::new(),
            tasks: JoinSet::new(),
            due: None,
            is_stopping: false,
        };
        let (timer, load_permits) = (Timer::default(), LoadPermits::new());
        let (state, stopped) = (Mutex::new(state), Notify::new());
        let shared =
            Shared { store, logs, clock, account, rules, state, timer, load_permits, metrics, stopped };
        let host = Self { shared: Arc::new(shared) };
        host.spawn(host.clone().run_timer());
        host
    }

    /// Returns whether this service runs an execution: it is in memory, or will be loaded when it is due.
    pub fn is_active(&self, arn: &DurableExecutionArn) -> bool {
        self.with(|state| state.dispatcher.is_active(&ExecutionId::from(arn)))
    }

    /// Returns the progress of an execution, or `None` if this service does not run it.
    pub(crate) fn progress(&self, arn: &DurableExecutionArn) -> Option<watch::Receiver<Progress>> {
        let id = ExecutionId::from(arn);
        self.with(|state| state.dispatcher.is_active(&id).then(|| state.watch(&id)))
    }

    /// Returns the progress of an execution that is about to start.
    pub(crate) fn progress_of_start(&self, execution_id: &str) -> watch::Receiver<Progress> {
        self.with(|state| state.watch(&execution_id.into()))
    }

    /// Reports changes of all executions from now on.
    pub(crate) fn report_changes_to(&self, changes: ChangeSender) {
        self.with(|state| {
            // Dropped otherwise, which signals to the reader that the host has stopped.
            if !state.is_stopping {
                state.watchers.watch_all(changes);
            }
        });
    }

    /// Resumes an execution of an earlier process, unless it is already running.
    pub fn resume(&self, arn: &DurableExecutionArn) {
        self.drive(|dispatcher, _| dispatcher.resume(&ExecutionId::from(arn)));
    }

    /// Immediately retries the executions that are backing off because this function failed.
    pub fn retry_now(&self, function_name: &str) {
        self.drive(|dispatcher, environment| dispatcher.handle_function_repaired(function_name, environment));
    }

    /// Replaces all functions atomically. Invocations that were already delivered run to completion.
    ///
    /// Executions that were waiting for a function that now exists are invoked. Queued invocations of removed functions
    /// are withdrawn, and their executions wait until the function exists again.
    pub fn set_functions(&self, functions: Arc<dyn FunctionInvoker>) {
        let names = functions.names();
        let replaced = self.with(|state| {
            state.function_metrics.add(names);
            replace(&mut state.functions, functions)
        });
        self.drive(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
        // Dropping functions runs arbitrary code, which must not happen under the lock.
        drop(replaced);
    }

    /// Spawns a task that runs until it ends or the host stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.with(|state| state.spawn(task));
    }

    /// Aborts all tasks without waiting for them. Executions continue when they are resumed.
    pub fn abort(&self) {
        self.take_tasks().abort_all();
    }

    /// Aborts all tasks and waits until they have ended. Executions continue when they are resumed.
    pub async fn stop(&self) {
        self.take_tasks().shutdown().await;
    }

    /// Waits until the host is stopped or aborted, or has stopped by itself because the dispatcher panicked.
    pub async fn stopped(&self) {
        let mut stopped = pin!(self.shared.stopped.notified());
        // Enabled before the check, so that a stop between the two is not missed.
        stopped.as_mut().enable();
        if !self.with(|state| state.is_stopping) {
            stopped.await;
        }
    }

    /// Returns the current functions.
    pub fn functions(&self) -> Arc<dyn FunctionInvoker> {
        self.with(|state| Arc::clone(&state.functions))
    }

    /// Returns the store of the functions' output.
    pub fn logs(&self) -> &dyn LogStore {
        self.shared.logs.as_ref()
    }

    /// Returns the account and region in ARNs.
    pub fn account(&self) -> &Account {
        &self.shared.account
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) fn store(&self) -> &dyn EventStore {
        self.shared.store.as_ref()
    }

    pub(crate) fn load_permits(&self) -> &LoadPermits {
        &self.shared.load_permits
    }

    /// Reads an execution that is in memory and completely recorded.
    pub(crate) fn with_recorded<R>(&self, id: &ExecutionId, f: impl FnOnce(Option<&Execution>) -> R) -> R {
        self.with(|state| f(state.dispatcher.recorded(id)))
    }

    /// Returns the limits and delays of the service.
    pub(crate) fn rules(&self) -> &Settings {
        &self.shared.rules
    }

    pub(crate) fn metrics(&self) -> &HostMetrics {
        &self.shared.metrics
    }

    /// Counts the executions, by state.
    pub(crate) fn counts(&self) -> DispatcherCounts {
        self.with(|state| state.dispatcher.counts())
    }

    /// Returns the number of tasks that have not ended.
    pub(crate) fn task_count(&self) -> usize {
        self.with(|state| {
            state.forget_ended_tasks();
            state.tasks.len()
        })
    }

    pub(crate) fn downgrade(&self) -> WeakHost {
        WeakHost(Arc::downgrade(&self.shared))
    }

    /// Processes due timers until the host stops.
    async fn run_timer(self) {
        while let Some(due) = self.next_due() {
            let remaining = due.map(|due| due.saturating_since(self.now()));
            if remaining.is_some_and(|remaining| remaining.is_zero()) {
                self.handle_time();
            } else {
                self.shared.timer.sleep(remaining).await;
            }
        }
    }

    fn handle_time(&self) {
        let command = CommandSpan::begin(spans::command_to_unknown(CommandKind::Timer));
        let span = command.as_ref().map_or_else(Span::none, |command| command.span.clone());
        span.in_scope(|| {
            self.drive(|dispatcher, environment| {
                while dispatcher.handle_time(environment) {
                    self.metrics().commands.count(CommandKind::Timer);
                }
            });
        });
        if let Some(command) = command {
            command.end("ok");
        }
    }

    /// Returns the time at which the next execution is due, if any, or `None` if the host is stopping.
    fn next_due(&self) -> Option<Option<Timestamp>> {
        self.with(|state| {
            state.due = state.dispatcher.next_due();
            (!state.is_stopping).then_some(state.due)
        })
    }

    /// Passes an input to the dispatcher, and performs the resulting outputs.
    ///
    /// If the dispatcher panics, its state may be inconsistent, so the host stops. All acknowledged changes are in the
    /// store.
    pub(crate) fn drive(&self, f: impl FnOnce(&mut Dispatcher<Token>, Environment<'_>)) {
        self.drive_for(None, f);
    }

    /// Does the same for a command, whose span becomes the cause of the append that records it.
    pub(crate) fn drive_for(
        &self,
        cause: Option<Cause>,
        f: impl FnOnce(&mut Dispatcher<Token>, Environment<'_>),
    ) {
        match catch_unwind(AssertUnwindSafe(|| self.dispatch(cause, f))) {
            Ok(tasks) => tasks.into_iter().for_each(|task| self.perform(task)),
            Err(panic) => {
                let panicked = Panicked::new(panic);
                tracing::error!(
                    "the service is stopping because it {panicked}; restart it to resume all executions"
                );
                self.abort();
            }
        }
    }

    /// Passes an input to the dispatcher. Returns the outputs that must be performed without the lock.
    fn dispatch(
        &self,
        cause: Option<Cause>,
        f: impl FnOnce(&mut Dispatcher<Token>, Environment<'_>),
    ) -> Vec<Task> {
        self.with(|state| {
            if state.is_stopping {
                return Vec::new();
            }
            if let Some(cause) = cause {
                state.pending_causes.add(cause);
            }
            let Shared { clock, rules, timer, .. } = &*self.shared;
            let functions = Arc::clone(&state.functions);
            let environment = Environment::new(rules, functions.as_ref(), clock.now());
            f(&mut state.dispatcher, environment);
            let mut tasks = Vec::new();
            while let Some(output) = state.dispatcher.poll_output(environment) {
                match output {
                    // The client may have disconnected.
                    Output::Answer(token, answer) => drop(token.send(answer)),
                    Output::Recorded { execution_id, is_closed } => {
                        state.handle_recorded(&execution_id, is_closed);
                    }
                    Output::Gone(id) => state.watchers.handle_gone(&id),
                    Output::Append(append) => {
                        let causes = state.pending_causes.take(&append.execution_id);
                        tasks.push(Task { output: Output::Append(append), causes });
                    }
                    output => tasks.push(Task { output, causes: Vec::new() }),
                }
            }
            let due = state.dispatcher.next_due();
            if due.is_some_and(|due| state.due.is_none_or(|set| due < set)) {
                timer.reset();
            }
            tasks
        })
    }

    fn perform(&self, Task { output, mut causes }: Task) {
        let host = self.clone();
        match output {
            Output::Append(append) => {
                let current = Span::current();
                // What one execution records may change another, such as the caller of one that has ended.
                if causes.is_empty() && !current.is_disabled() {
                    causes.push(current);
                }
                let span = causes.first().cloned().unwrap_or_else(Span::none);
                self.spawn(host.append(*append, causes.into()).instrument(span));
            }
            Output::Load(id) => self.spawn(host.load(id).in_current_span()),
            Output::FindName(name) => self.spawn(host.find_name(name).in_current_span()),
            Output::Delete(id) => self.spawn(host.delete(id).in_current_span()),
            Output::Invoke(invocation) => self.invoke(*invocation),
            Output::Withdraw { request_id } => {
                if let Some(task) = self.with(|state| state.queued.remove(&request_id)) {
                    task.abort();
                }
            }
            Output::Call(call) => {
                let span = spans::call(&call.function_name);
                self.spawn(host.call(*call, span.clone()).instrument(span));
            }
            Output::QuotaNear(arn, used) => tracing::warn!(execution = arn.as_str(), "{used}"),
            // `report_failure` passes failures to watchers along with their causes; the other outputs were handled
            // under the lock.
            Output::Failed(..) | Output::Answer(..) | Output::Recorded { .. } | Output::Gone(_) => {}
        }
    }

    async fn append(self, append: Append, causes: AppendCauses) {
        let id = append.execution_id.clone();
        let (is_new, end) = (append.created.is_some(), recorded_end(&append));
        self.metrics().appends_in_flight.inc();
        let appended = match record::append(append, causes) {
            Ok(append) => guarded(async { Ok(self.store().append(append).await?) }).await,
            Err(error) => Err(error),
        };
        self.metrics().appends_in_flight.dec();
        if appended.is_ok() && (is_new || end.is_some()) {
            self.with(|state| state.count_execution(&id, is_new, end.as_ref()));
        }
        match appended {
            Ok(()) => self.drive(|dispatcher, environment| dispatcher.handle_appended(&id, environment)),
            Err(RecordError::Store(error)) if error.kind() == StoreErrorKind::AlreadyRecorded => {
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
        let _permit = self.load_permits().to_resume().await;
        let (loaded, error) = match guarded(self.loaded(&id)).await {
            Ok(loaded) => (Ok(loaded), None),
            Err(error) => (Err(failure(&error)), Some(error)),
        };
        self.drive(|dispatcher, environment| dispatcher.handle_loaded(&id, loaded, environment));
        if let Some(error) = error {
            self.report_failure(&id, &error);
        }
    }

    async fn find_name(self, name: ExecutionName) {
        let found =
            guarded(async { Ok(self.store().execution_by_name(&name.function, &name.execution).await?) });
        let found = match found.await.map(|row| row.map(|row| (row.arn.clone(), record::named(row)))) {
            Ok(None) => Ok(None),
            Ok(Some((_, Some(named)))) => Ok(Some(named)),
            Ok(Some((arn, None))) => {
                let message = format!("the record contains the invalid ARN `{arn}`; it is damaged");
                Err(Failure {
                    error: ServiceError::new(ServiceErrorKind::Service, message),
                    is_transient: false,
                })
            }
            Err(error) => Err(failure(&error)),
        };
        self.drive(|dispatcher, environment| dispatcher.handle_name_found(&name, found, environment));
    }

    async fn delete(self, id: ExecutionId) {
        let deleted = guarded(async { Ok(self.delete_recorded(&id).await?) }).await;
        if let Err(error) = &deleted {
            let error = with_causes(error);
            tracing::warn!(
                execution = id.as_str(),
                error,
                "cannot delete the execution now; it will be retried"
            );
        }
        let deleted = deleted.map_err(ServiceError::from);
        self.drive(|dispatcher, _| dispatcher.handle_deleted(&id, deleted));
    }

    /// Deletes the record of an execution and the output of its functions.
    async fn delete_recorded(&self, id: &ExecutionId) -> Result<(), StoreError> {
        let Some(row) = self.store().execution(id.as_str()).await? else { return Ok(()) };
        match self.store().delete(id.as_str()).await {
            Err(error) if error.kind() != StoreErrorKind::UnknownExecution => Err(error),
            Ok(()) | Err(_) => {
                self.logs().forget(&row.arn);
                Ok(())
            }
        }
    }

    /// Reports to the watchers of an execution that its record could not be written or read.
    ///
    /// The dispatcher must be notified first; otherwise a watcher that subscribes in between would wait forever.
    fn report_failure(&self, id: &ExecutionId, error: &RecordError) {
        let cause = with_causes(error);
        if error.is_transient() {
            tracing::warn!(execution = id.as_str(), error = cause, "the execution will be retried");
        } else {
            tracing::error!(execution = id.as_str(), error = cause, "the execution cannot continue");
        }
        self.with(|state| state.watchers.handle_failed(id, error));
    }

    fn take_tasks(&self) -> JoinSet<()> {
        self.shared.timer.reset();
        let tasks = self.with(|state| {
            state.is_stopping = true;
            state.watchers = Watchers::default();
            state.dispatcher = Dispatcher::new(None);
            take(&mut state.tasks)
        });
        self.shared.stopped.notify_waiters();
        tasks
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl WeakHost {
    /// Returns the host, if it still exists.
    pub(crate) fn upgrade(&self) -> Option<Host> {
        self.0.upgrade().map(|shared| Host { shared })
    }
}

impl State {
    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        if !self.is_stopping {
            self.forget_ended_tasks();
            self.tasks.spawn(task);
        }
    }

    pub(crate) fn forget_ended_tasks(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }

    /// Counts an execution whose start or end was recorded.
    fn count_execution(&self, id: &ExecutionId, is_new: bool, end: Option<&ExecutionStatus>) {
        let Some(execution) = self.dispatcher.resident(id) else { return };
        let metrics = self.function_metrics.of(execution.arn().function_name());
        if is_new {
            metrics.handle_started();
        }
        if let Some(end) = end {
            metrics.handle_ended(end);
        }
    }

    /// Returns the progress of an execution, which may have ended although its last invocation has not.
    fn watch(&mut self, id: &ExecutionId) -> watch::Receiver<Progress> {
        let dispatcher = &self.dispatcher;
        self.watchers.watch(id, || dispatcher.recorded(id).and_then(ClosedExecution::of))
    }

    fn handle_recorded(&mut self, id: &ExecutionId, is_closed: bool) {
        let dispatcher = &self.dispatcher;
        let closed = || dispatcher.resident(id).filter(|_| is_closed).and_then(ClosedExecution::of);
        self.watchers.handle_recorded(id, closed);
    }
}

/// Returns the status with which the execution ends, if an append records its end.
fn recorded_end(append: &Append) -> Option<ExecutionStatus> {
    append.status.as_ref()?;
    append.events.iter().rev().find_map(|event| {
        let Event::ExecutionEnded(ended) = event else { return None };
        Some(match ended.end {
            ExecutionEnd::Succeeded { .. } => ExecutionStatus::Succeeded,
            ExecutionEnd::Failed { .. } => ExecutionStatus::Failed,
            ExecutionEnd::TimedOut { .. } => ExecutionStatus::TimedOut,
            ExecutionEnd::Stopped { .. } => ExecutionStatus::Stopped,
        })
    })
}

/// Runs an operation of the store, and converts a panic into an error because the dispatcher waits for the result.
async fn guarded<T>(work: impl Future<Output = Result<T, RecordError>>) -> Result<T, RecordError> {
    let panicked = |panicked: Panicked| StoreError::new(StoreErrorKind::Permanent, panicked);
    caught(work).await.unwrap_or_else(|panic| Err(panicked(panic).into()))
}

fn failure(error: &RecordError) -> Failure {
    Failure { error: error.clone().into(), is_transient: error.is_transient() }
}
