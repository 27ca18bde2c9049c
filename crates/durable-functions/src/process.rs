//! One process of a function, shared by its invocations and the Runtime API.

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

use super::function_output::{FunctionOutput, LineOrigin};
use super::invocation::Invocation;
use super::output::{Drain, OutputStream};
use super::phase::{Assignment, Delivery, Exit, OutOfPlace, Phase, Reply};
use super::report;
use super::settings::FunctionSettings;

/// The shortest interval at which a busy process is checked for idleness.
const BUSY_INTERVAL: Duration = Duration::from_millis(100);

/// How long an answer waits for the output before it. A process that prints without end and a sink that is stuck never
/// finish.
const DRAIN_LIMIT: Duration = Duration::from_millis(100);

/// The unique id of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProcessId(String);

impl ProcessId {
    fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// Returns the name of the log stream of a process that starts now.
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
    /// The time from its start to its first request for an invocation.
    start_duration: OnceLock<Duration>,
    /// Its process id in the operating system.
    system_id: OnceLock<u32>,
    runtime_api: SocketAddr,
    phase: Mutex<Phase>,
    phase_changed: watch::Sender<()>,
    last_used: Mutex<Instant>,
    kill: Notify,
    /// The origin of what it prints now.
    origin: Mutex<Arc<LineOrigin>>,
    drains: Mutex<Vec<mpsc::UnboundedSender<Drain>>>,
}

impl Process {
    /// A process that starts now, takes its invocations at this address, and has this output.
    pub(super) fn new(
        function: Arc<FunctionSettings>,
        runtime_api: SocketAddr,
        output: Arc<FunctionOutput>,
        now: Timestamp,
    ) -> Self {
        let id = ProcessId::random();
        let log_stream = id.log_stream(now);
        let origin = LineOrigin { log_stream: log_stream.clone(), request_id: None, execution: None };
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

    /// Returns when it last had an invocation.
    pub(super) fn last_used(&self) -> Instant {
        self.with_last_used(|last| *last)
    }

    /// Returns the address at which it takes its invocations.
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

    /// Sets its process id in the operating system.
    pub(super) fn note_system_id(&self, id: u32) {
        // It is set once, because the process is started once.
        let _ = self.system_id.set(id);
    }

    /// Returns its process id in the operating system, once it is started.
    pub(super) fn system_id(&self) -> Option<u32> {
        self.system_id.get().copied()
    }

    /// Prints a line as output of the invocation that the process received last.
    pub(super) fn print(&self, stream: OutputStream, line: &str) {
        let origin = Arc::clone(&self.origin.lock().unwrap_or_else(PoisonError::into_inner));
        self.output.print(&origin, stream, line);
    }

    /// Requests that the process be killed. It has ended when [`exited`](Self::exited) returns.
    pub(super) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits until the process is to be killed.
    pub(super) async fn kill_requested(&self) {
        self.kill.notified().await;
    }

    /// Waits until the process can take an invocation, or never will.
    pub(super) async fn settled(&self) {
        self.reached(|phase| phase.is_settled().then_some(())).await;
    }

    /// Waits until the process has ended, and returns how.
    pub(super) async fn exited(&self) -> Exit {
        self.reached(|phase| phase.exit().cloned()).await
    }

    /// Returns whether it may take another invocation.
    pub(super) fn is_of_use(&self) -> bool {
        self.with_phase(|phase| phase.is_of_use())
    }

    /// Kills it once it has been idle for too long. It never returns.
    pub(super) async fn retire_when_idle(&self) -> Infallible {
        let limit = self.function.idle_limit;
        loop {
            let due = self.with_last_used(|last| last.checked_add(limit));
            let Some(due) = due else { return pending().await };
            sleep_until(due).await;
            let is_idle = self.with_last_used(|last| last.elapsed() >= limit);
            if is_idle && self.change_phase(Phase::retire) {
                self.kill();
                return pending().await;
            }
            if is_idle {
                // It is busy, so it is checked again later.
                sleep(limit.max(BUSY_INTERVAL)).await;
            }
        }
    }

    fn with_last_used<T>(&self, look: impl FnOnce(&mut Instant) -> T) -> T {
        look(&mut self.last_used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Assigns an invocation, and returns the receiver of its reply, or `None` if the process is not ready.
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

    /// Returns the receiver of requests to drain one of its pipes.
    pub(super) fn drains(&self) -> mpsc::UnboundedReceiver<Drain> {
        let (drains, requests) = mpsc::unbounded_channel();
        self.drains.lock().unwrap_or_else(PoisonError::into_inner).push(drains);
        requests
    }

    /// Waits until everything that it has printed was read and passed to the sink, so that its lines are attributed to
    /// the right invocation and are shown before the end of that. The wait is bounded.
    pub(super) async fn drain_output(&self) {
        let ask = |drains: &mpsc::UnboundedSender<Drain>| {
            let (drain, drained) = oneshot::channel();
            drains.send(drain).ok().map(|()| drained)
        };
        let asked: Vec<_> =
            self.drains.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(ask).collect();
        let all = async {
            for drained in asked {
                // A stream that has ended has nothing left.
                let _ = drained.await;
            }
            self.output.drained().await;
        };
        let _ = timeout(DRAIN_LIMIT, all).await;
    }

    /// Waits for its next invocation.
    pub(super) async fn next(&self) -> Result<Delivery, OutOfPlace> {
        self.change_phase(Phase::handle_next)?;
        self.start_duration.get_or_init(|| self.started.elapsed());
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
    ) -> Result<(), OutOfPlace> {
        self.with_last_used(|last| *last = Instant::now());
        self.change_phase(|phase| phase.handle_answer(request_id, answer))
    }

    pub(super) fn handle_init_failed(&self, error: ErrorObject) -> Result<(), OutOfPlace> {
        self.change_phase(|phase| phase.handle_init_failed(error))
    }

    pub(super) fn handle_exited(&self, exit: Exit) {
        self.change_phase(|phase| phase.handle_exited(exit));
    }

    /// Waits until `take` returns something for the phase.
    async fn reached<T>(&self, take: impl Fn(&Phase) -> Option<T>) -> T {
        let mut changes = self.phase_changed.subscribe();
        loop {
            if let Some(taken) = self.with_phase(|phase| take(phase)) {
                return taken;
            }
            // It fails only when the sender is dropped, which this process owns.
            let _ = changes.changed().await;
        }
    }

    /// Changes the phase and wakes its waiters.
    fn change_phase<T>(&self, change: impl FnOnce(&mut Phase) -> T) -> T {
        let outcome = self.with_phase(change);
        self.phase_changed.send_replace(());
        outcome
    }

    fn with_phase<T>(&self, look: impl FnOnce(&mut Phase) -> T) -> T {
        look(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner))
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

/// The running processes by id. Once closed, it accepts no more.
#[derive(Clone, Default)]
pub(super) struct Processes(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    processes: HashMap<ProcessId, Arc<Process>>,
    closed: bool,
}

impl Processes {
    /// Adds a process, unless it is closed. Returns whether it did.
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

    /// Closes it and returns the running processes.
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
