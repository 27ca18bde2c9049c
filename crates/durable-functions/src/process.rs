//! One process of a function, as its invocations and the Runtime API share it.

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

use super::invocation::Invocation;
use super::output::{Drain, OutputLine, OutputSink, OutputStream};
use super::phase::{Assignment, Delivery, Exit, OutOfPlace, Phase, Reply};
use super::report;
use super::settings::FunctionSettings;

/// How often it is looked whether a process that works for long is idle, at most.
const BUSY_INTERVAL: Duration = Duration::from_millis(100);

/// How long it is waited for that what a process printed is handed on.
const DRAIN_LIMIT: Duration = Duration::from_millis(100);

/// The name of a process. No earlier process had the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProcessId(String);

impl ProcessId {
    fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// The name of the log stream of such a process that starts now.
    fn log_stream(&self, now: Timestamp) -> String {
        let date: String = now.to_string().chars().take(10).collect();
        format!("{}/[$LATEST]{}", date.replace('-', "/"), self.0)
    }
}

/// A process of a function.
pub(super) struct Process {
    id: ProcessId,
    log_stream: String,
    function: Arc<FunctionSettings>,
    output: OutputSink,
    started: Instant,
    /// How long it took until it asked for its first invocation.
    start_duration: OnceLock<Duration>,
    /// Its id, as the system knows it.
    system_id: OnceLock<u32>,
    runtime_api: SocketAddr,
    phase: Mutex<Phase>,
    phase_changed: watch::Sender<()>,
    last_used: Mutex<Instant>,
    kill: Notify,
    last_invocation: Mutex<Option<Arc<Invocation>>>,
    drains: Mutex<Vec<mpsc::UnboundedSender<Drain>>>,
}

impl Process {
    /// A process that starts now, takes its invocations at this address and prints into the sink.
    pub(super) fn new(
        function: Arc<FunctionSettings>,
        runtime_api: SocketAddr,
        output: OutputSink,
        now: Timestamp,
    ) -> Self {
        let id = ProcessId::random();
        Self {
            log_stream: id.log_stream(now),
            id,
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
            last_invocation: Mutex::default(),
            drains: Mutex::default(),
        }
    }

    pub(super) fn id(&self) -> &ProcessId {
        &self.id
    }

    pub(super) fn function(&self) -> &FunctionSettings {
        &self.function
    }

    /// Where it takes its invocations.
    pub(super) fn runtime_api(&self) -> SocketAddr {
        self.runtime_api
    }

    /// The log stream that it is told to have.
    pub(super) fn log_stream(&self) -> &str {
        &self.log_stream
    }

    /// How long it took until it asked for its first invocation, if it has.
    pub(super) fn start_duration(&self) -> Option<Duration> {
        self.start_duration.get().copied()
    }

    /// Notes under which id the system runs it.
    pub(super) fn note_system_id(&self, id: u32) {
        // It is started once.
        let _ = self.system_id.set(id);
    }

    /// Its id, as the system knows it, once it has one.
    pub(super) fn system_id(&self) -> Option<u32> {
        self.system_id.get().copied()
    }

    /// Hands on a line of the invocation that it was given last, which is the one that it prints about.
    pub(super) fn hand_on(&self, stream: OutputStream, line: &str) {
        let invocation = self.last_invocation.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (self.output)(OutputLine {
            function_name: &self.function.name,
            log_stream: &self.log_stream,
            request_id: invocation.as_ref().map(|it| it.request_id.as_str()),
            execution: invocation.as_ref().and_then(|it| it.execution_arn.as_deref()),
            stream,
            line,
        });
    }

    /// Has the process killed. It is gone once [`exited`](Self::exited) returns.
    pub(super) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits until somebody wants the process killed.
    pub(super) async fn kill_requested(&self) {
        self.kill.notified().await;
    }

    /// Waits until the process can be given an invocation, or until it turned out that it never can.
    pub(super) async fn settled(&self) {
        self.reached(|phase| phase.is_settled().then_some(())).await;
    }

    /// Waits until the process is gone, and tells how it ended.
    pub(super) async fn exited(&self) -> Exit {
        self.reached(|phase| phase.exit().cloned()).await
    }

    /// Whether it makes sense to give it another invocation.
    pub(super) fn is_of_use(&self) -> bool {
        self.with_phase(|phase| phase.is_of_use())
    }

    /// Has it killed once it waited for an invocation for too long. It never returns.
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
                // It works for long; looked at again after a while.
                sleep(limit.max(BUSY_INTERVAL)).await;
            }
        }
    }

    fn with_last_used<T>(&self, look: impl FnOnce(&mut Instant) -> T) -> T {
        look(&mut self.last_used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives it an invocation, which is answered through the receiver; nothing if it is not ready.
    pub(super) fn assign(&self, delivery: Delivery) -> Option<oneshot::Receiver<Reply>> {
        let (reply, receiver) = oneshot::channel();
        self.note_invocation(&delivery.invocation);
        self.with_last_used(|last| *last = Instant::now());
        self.change_phase(|phase| phase.handle_assigned(Assignment { delivery, reply }))
            .ok()
            .map(|()| receiver)
    }

    fn note_invocation(&self, invocation: &Arc<Invocation>) {
        let last = Some(Arc::clone(invocation));
        *self.last_invocation.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// Where those who hand on what it prints are asked to drain it.
    pub(super) fn drains(&self) -> mpsc::UnboundedReceiver<Drain> {
        let (drains, requests) = mpsc::unbounded_channel();
        self.drains.lock().unwrap_or_else(PoisonError::into_inner).push(drains);
        requests
    }

    /// Waits until all that it has printed is handed on, so that its lines are told of the right invocation.
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
        };
        // Something that prints without end must not keep the answer back.
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
                self.hand_on(OutputStream::Platform, &report::start(request_id, function_arn));
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

    /// Waits until there is something to take from the phase.
    async fn reached<T>(&self, take: impl Fn(&Phase) -> Option<T>) -> T {
        let mut changes = self.phase_changed.subscribe();
        loop {
            if let Some(taken) = self.with_phase(|phase| take(phase)) {
                return taken;
            }
            // It fails only when the sender is gone, which this process owns.
            let _ = changes.changed().await;
        }
    }

    /// Changes the phase, and wakes whoever waits for that.
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

/// The processes that run, by their ids. Once closed, it takes no more.
#[derive(Clone, Default)]
pub(super) struct Processes(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    processes: HashMap<ProcessId, Arc<Process>>,
    closed: bool,
}

impl Processes {
    /// Adds a process, unless no more may be started.
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

    /// Takes no more, and gives those there are.
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
