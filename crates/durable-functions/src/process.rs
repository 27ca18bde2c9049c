//! A process of a function, shared by its invocations and its Runtime API.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use durable_types::{ErrorObject, Timestamp};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use super::exit_reason::ExitReason;
use super::function_output::{FunctionOutput, LineOrigin};
use super::function_process_metrics::FunctionProcessMetrics;
use super::invocation::Invocation;
use super::output::{Drain, OutputStream};
use super::phase::{Assignment, Delivery, Exit, Phase, ProtocolViolation, Reply};
use super::report;
use super::settings::FunctionSettings;
use super::start_span::StartSpan;

/// The minimum interval between checks for idleness of a busy process.
const BUSY_INTERVAL: Duration = Duration::from_millis(100);

/// The maximum time that a response waits for the output printed before it. Without a limit, it would wait forever for
/// a process that never stops printing or a sink that is blocked.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// The unique id of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProcessId(String);

impl ProcessId {
    fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// Returns the log stream name of a process that starts at `now`.
    fn log_stream(&self, now: Timestamp) -> String {
        let date: String = now.to_string().chars().take(10).collect();
        format!("{}/[$LATEST]{}", date.replace('-', "/"), self.0)
    }
}

/// A process of a function.
pub(super) struct Process {
    id: ProcessId,
    function: Arc<FunctionSettings>,
    log_stream: String,
    output: Arc<FunctionOutput>,
    started: Instant,
    /// The time from its start to its first request for an invocation, which is Lambda's init duration.
    start_duration: OnceLock<Duration>,
    /// The operating system's process id.
    system_id: OnceLock<u32>,
    runtime_api: SocketAddr,
    phase: Mutex<Phase>,
    phase_changed: watch::Sender<()>,
    last_used: Mutex<Instant>,
    kill: Notify,
    /// The first reason for its exit: that of a kill, or how it exited by itself.
    exit_reason: OnceLock<ExitReason>,
    metrics: Arc<FunctionProcessMetrics>,
    start_span: StartSpan,
    /// The origin of lines printed now.
    origin: Mutex<Arc<LineOrigin>>,
    drains: Mutex<Vec<mpsc::UnboundedSender<Drain>>>,
}

impl Process {
    /// Creates a process that starts now and fetches its invocations from `runtime_api`.
    pub(super) fn new(
        function: Arc<FunctionSettings>,
        runtime_api: SocketAddr,
        output: Arc<FunctionOutput>,
        metrics: Arc<FunctionProcessMetrics>,
        now: Timestamp,
    ) -> Self {
        let id = ProcessId::random();
        let log_stream = id.log_stream(now);
        let origin = LineOrigin { log_stream: log_stream.clone(), request_id: None, execution: None };
        metrics.handle_started();
        let start_span = StartSpan::begin(&function.name, &log_stream);
        Self {
            id,
            log_stream,
            function,
            output,
            started: Instant::now(),
            start_duration: OnceLock::new(),
            system_id: OnceLock::new(),
            runtime_api,
            phase: Mutex::new(Phase::started()),
            phase_changed: watch::Sender::new(()),
            last_used: Mutex::new(Instant::now()),
            kill: Notify::new(),
            exit_reason: OnceLock::new(),
            metrics,
            start_span,
            origin: Mutex::new(Arc::new(origin)),
            drains: Mutex::default(),
        }
    }

    pub(super) fn id(&self) -> &ProcessId {
        &self.id
    }

    pub(super) fn function(&self) -> &FunctionSettings {
        &self.function
    }

    /// Returns the time at which it last had an invocation.
    pub(super) fn last_used(&self) -> Instant {
        self.with_last_used(|last| *last)
    }

    /// Returns the address of its Runtime API.
    pub(super) fn runtime_api(&self) -> SocketAddr {
        self.runtime_api
    }

    /// Returns the name of its log stream.
    pub(super) fn log_stream(&self) -> &str {
        &self.log_stream
    }

    /// Returns the time from its start to its first request for an invocation.
    pub(super) fn start_duration(&self) -> Option<Duration> {
        self.start_duration.get().copied()
    }

    /// Sets the operating system's process id.
    pub(super) fn note_system_id(&self, id: u32) {
        // It is set only once, because the process is started only once.
        let _ = self.system_id.set(id);
        self.start_span.record_pid(id);
    }

    /// Returns the operating system's process id, once the process is started.
    pub(super) fn system_id(&self) -> Option<u32> {
        self.system_id.get().copied()
    }

    /// Prints a line on behalf of the invocation that the process received last.
    pub(super) fn print(&self, stream: OutputStream, line: &str) {
        let origin = Arc::clone(&self.origin.lock().unwrap_or_else(PoisonError::into_inner));
        self.output.print(&origin, stream, line);
    }

    /// Requests that the process be killed. Wait for [`exited`](Self::exited) to know that it was.
    pub(super) fn kill(&self, reason: ExitReason) {
        self.note_exit(reason);
        self.kill.notify_one();
    }

    /// Sets the reason for its exit, unless there is one already.
    pub(super) fn note_exit(&self, reason: ExitReason) {
        // The first reason counts.
        let _ = self.exit_reason.set(reason);
    }

    /// Waits until a kill is requested.
    pub(super) async fn kill_requested(&self) {
        self.kill.notified().await;
    }

    /// Waits until the process can be assigned an invocation, or never will.
    pub(super) async fn settled(&self) {
        self.reached(|phase| phase.is_settled().then_some(())).await;
    }

    /// Waits until the process has exited, and returns how.
    pub(super) async fn exited(&self) -> Exit {
        self.reached(|phase| phase.exit().cloned()).await
    }

    /// Returns whether it may take another invocation, now or later.
    pub(super) fn is_live(&self) -> bool {
        self.with_phase(|phase| phase.is_live())
    }

    /// Kills the process once it has exceeded its idle limit. It never returns.
    pub(super) async fn retire_when_idle(&self) -> Infallible {
        let limit = self.function.idle_limit;
        loop {
            let due = self.with_last_used(|last| last.checked_add(limit));
            let Some(due) = due else { return pending().await };
            sleep_until(due).await;
            let is_idle = self.with_last_used(|last| last.elapsed() >= limit);
            if is_idle && self.change_phase(Phase::retire) {
                self.kill(ExitReason::Idle);
                return pending().await;
            }
            if is_idle {
                // It is busy, so check again later.
                sleep(limit.max(BUSY_INTERVAL)).await;
            }
        }
    }

    fn with_last_used<T>(&self, f: impl FnOnce(&mut Instant) -> T) -> T {
        f(&mut self.last_used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Assigns an invocation and returns the receiver of the reply, or `None` if the process is not ready.
    pub(super) fn assign(&self, delivery: Delivery) -> Option<oneshot::Receiver<Reply>> {
        let (reply, receiver) = oneshot::channel();
        self.note_invocation(&delivery.invocation);
        self.with_last_used(|last| *last = Instant::now());
        self.change_phase(|phase| phase.handle_assigned(Assignment { delivery, reply }))
            .ok()
            .map(|()| receiver)
    }

    fn note_invocation(&self, invocation: &Invocation) {
        let origin = LineOrigin {
            log_stream: self.log_stream.clone(),
            request_id: Some(invocation.request_id.clone()),
            execution: invocation.execution_arn.clone(),
        };
        *self.origin.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(origin);
    }

    /// Registers a pipe, and returns the receiver of requests to drain it.
    pub(super) fn drains(&self) -> mpsc::UnboundedReceiver<Drain> {
        let (drains, requests) = mpsc::unbounded_channel();
        self.drains.lock().unwrap_or_else(PoisonError::into_inner).push(drains);
        requests
    }

    /// Waits until all output so far was read and passed to the sink, so that its lines are attributed to the right
    /// invocation and precede the end of that invocation. The wait is bounded.
    pub(super) async fn drain_output(&self) {
        let ask = |drains: &mpsc::UnboundedSender<Drain>| {
            let (drain, drained) = oneshot::channel();
            drains.send(drain).ok().map(|()| drained)
        };
        let asked: Vec<_> =
            self.drains.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(ask).collect();
        let all = async {
            for drained in asked {
                // A stream that has ended has nothing left to drain.
                let _ = drained.await;
            }
            self.output.drained().await;
        };
        let _ = timeout(DRAIN_TIMEOUT, all).await;
    }

    /// Waits for the next invocation.
    pub(super) async fn next(&self) -> Result<Delivery, ProtocolViolation> {
        self.change_phase(Phase::handle_next)?;
        if self.start_duration.get().is_none() {
            self.handle_ready();
        }
        loop {
            self.reached(|phase| (!phase.is_ready()).then_some(())).await;
            if let Some(delivery) = self.change_phase(Phase::poll_delivery)? {
                let Invocation { request_id, function_arn, .. } = &*delivery.invocation;
                self.print(OutputStream::Platform, &report::start(request_id, function_arn));
                return Ok(delivery);
            }
        }
    }

    pub(super) fn handle_answer(
        &self,
        request_id: &str,
        answer: Result<Bytes, ErrorObject>,
    ) -> Result<(), ProtocolViolation> {
        self.with_last_used(|last| *last = Instant::now());
        self.change_phase(|phase| phase.handle_answer(request_id, answer))
    }

    pub(super) fn handle_init_failed(&self, error: ErrorObject) -> Result<(), ProtocolViolation> {
        self.change_phase(|phase| phase.handle_init_failed(error))
    }

    pub(super) fn handle_exited(&self, exit: Exit) {
        self.start_span.end("exited", self.started.elapsed());
        self.metrics.handle_exited(self.exit_reason.get().copied().unwrap_or(ExitReason::Failed));
        self.change_phase(|phase| phase.handle_exited(exit));
    }

    /// Measures the start, once the process has requested its first invocation.
    fn handle_ready(&self) {
        let duration = self.started.elapsed();
        if self.start_duration.set(duration).is_ok() {
            self.metrics.handle_ready(duration);
            self.start_span.end("ready", duration);
        }
    }

    /// Waits until `take` returns a value for the current phase.
    async fn reached<T>(&self, take: impl Fn(&Phase) -> Option<T>) -> T {
        let mut changes = self.phase_changed.subscribe();
        loop {
            if let Some(taken) = self.with_phase(|phase| take(phase)) {
                return taken;
            }
            // It fails only if the sender is dropped, which this process owns.
            let _ = changes.changed().await;
        }
    }

    /// Changes the phase and wakes its waiters.
    fn change_phase<T>(&self, change: impl FnOnce(&mut Phase) -> T) -> T {
        let outcome = self.with_phase(change);
        self.phase_changed.send_replace(());
        outcome
    }

    fn with_phase<T>(&self, f: impl FnOnce(&mut Phase) -> T) -> T {
        f(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("function", &self.function.name)
            .field("log_stream", &self.log_stream)
            .finish_non_exhaustive()
    }
}

/// The registry of running processes, by id. Once closed, it accepts no more.
#[derive(Clone, Default)]
pub(super) struct Processes(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    processes: HashMap<ProcessId, Arc<Process>>,
    closed: bool,
}

impl Processes {
    /// Adds a process, unless the registry is closed. Returns whether the process was added.
    pub(super) fn add(&self, process: &Arc<Process>) -> bool {
        self.with(|registered| {
            if !registered.closed {
                registered.processes.insert(process.id().clone(), Arc::clone(process));
            }
            !registered.closed
        })
    }

    pub(super) fn remove(&self, id: &ProcessId) {
        self.with(|registered| registered.processes.remove(id));
    }

    pub(super) fn len(&self) -> usize {
        self.with(|registered| registered.processes.len())
    }

    /// Closes the registry and returns the running processes.
    pub(super) fn close(&self) -> Vec<Arc<Process>> {
        self.with(|registered| {
            registered.closed = true;
            registered.processes.values().cloned().collect()
        })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.with(|registered| registered.closed)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Registered) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.with(|registered| registered.processes.keys().cloned().collect());
        f.debug_list().entries(ids).finish()
    }
}
