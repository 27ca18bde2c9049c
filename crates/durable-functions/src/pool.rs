//! The processes of all functions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use durable_host::clock::Clock;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::exit_reason::ExitReason;
use super::function_outputs::FunctionOutputs;
use super::invocation::{Invocation, InvocationFailure};
use super::phase::Exit;
use super::process::{Process, Processes};
use super::process_metrics::ProcessMetrics;
use super::runtime_server::RuntimePort;
use super::settings::{FunctionSettings, PoolSettings};
use super::spawner::Spawner;
use super::warm::{Attempt, Function, Lease};

/// The number of consecutive processes that may exit without fetching an invocation before that invocation fails.
const START_ATTEMPTS: u32 = 3;

/// The maximum time that a shutdown waits for the sink to receive the last lines.
const SINK_TIMEOUT: Duration = Duration::from_secs(1);

/// The functions of a service that run as child processes, and those processes.
///
/// A process is started when an invocation finds none idle, is kept warm for later invocations, and is replaced when it
/// exits. All processes are killed when the last handle is dropped, and when the service's own process ends for any
/// reason: see [`Launcher`](super::Launcher).
///
/// It is a handle that is cheap to clone.
#[derive(Clone)]
pub struct FunctionPool {
    shared: Arc<Shared>,
}

struct Shared {
    functions: Mutex<HashMap<String, Arc<Function>>>,
    processes: Processes,
    max_processes: usize,
    /// One permit for each process that may run an invocation, across all functions.
    permits: Semaphore,
    spawner: Spawner,
    outputs: FunctionOutputs,
    metrics: ProcessMetrics,
    clock: Arc<dyn Clock>,
}

impl FunctionPool {
    /// Creates a pool without functions.
    ///
    /// # Errors
    /// Returns an error if the thread that starts processes cannot be created.
    pub fn new(settings: PoolSettings) -> io::Result<Self> {
        let (functions, processes) = (Mutex::default(), Processes::default());
        let (clock, metrics) = (Arc::clone(&settings.clock), settings.metrics.clone());
        let outputs = FunctionOutputs::new(Arc::clone(&settings.output), settings.tails.clone());
        let max_processes = settings.max_processes.clamp(1, Semaphore::MAX_PERMITS);
        let permits = Semaphore::new(max_processes);
        let spawner = Spawner::new(settings, processes.clone())?;
        let shared =
            Shared { functions, processes, max_processes, permits, spawner, outputs, metrics, clock };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Adds a function. It replaces one of the same name, whose idle processes are killed now and whose busy ones are
    /// killed after their response.
    pub fn add(&self, settings: FunctionSettings) {
        let name = settings.name.clone();
        let metrics = self.shared.metrics.of(&name);
        let function = Arc::new(Function::new(settings, metrics, Arc::clone(&self.shared.clock)));
        let replaced = self.with_functions(|all| all.insert(name, function));
        drop(replaced);
    }

    /// Removes a function. Its idle processes are killed now, and busy ones after their response. Has no effect if
    /// there is no such function.
    pub fn remove(&self, name: &str) {
        let removed = self.with_functions(|all| all.remove(name));
        self.shared.outputs.forget(name);
        drop(removed);
    }

    /// Returns the settings of a function, if it exists.
    pub fn function(&self, name: &str) -> Option<Arc<FunctionSettings>> {
        self.find(name).map(|function| Arc::clone(&function.settings))
    }

    /// Invokes a function and returns its response.
    ///
    /// Waits while the limit on processes, of this function or of all functions, is reached. Dropping the future kills
    /// the process, because its response would be lost.
    ///
    /// # Errors
    /// Returns an error if the function does not exist or responds with an error, or if its process does not start,
    /// exits or exceeds its timeout. A process that timed out has exited when this returns.
    pub async fn invoke(&self, name: &str, invocation: Invocation) -> Result<Bytes, InvocationFailure> {
        self.invoke_if(name, invocation, || true).await
    }

    /// Does the same, unless `deliver` returns `false` once the function has capacity, in which case the invocation
    /// fails with [`Stopping`](InvocationFailure::Stopping).
    pub(crate) async fn invoke_if(
        &self,
        name: &str,
        invocation: Invocation,
        deliver: impl FnOnce() -> bool,
    ) -> Result<Bytes, InvocationFailure> {
        let function =
            self.find(name).ok_or_else(|| InvocationFailure::UnknownFunction { name: name.to_owned() })?;
        let _permit = function.permits.acquire().await.map_err(|_| InvocationFailure::Stopping)?;
        let _permit_of_all = self.shared.permits.acquire().await.map_err(|_| InvocationFailure::Stopping)?;
        if !deliver() {
            return Err(InvocationFailure::Stopping);
        }
        let outcome = self.attempt(&function, Arc::new(invocation)).await;
        match outcome {
            // The process was killed because the pool is shutting down.
            Err(InvocationFailure::Process(_)) if self.shared.processes.is_closed() => {
                Err(InvocationFailure::Stopping)
            }
            outcome => outcome,
        }
    }

    /// Kills all processes and waits until they have exited. Invocations in flight fail with
    /// [`Stopping`](InvocationFailure::Stopping), and so do later ones.
    pub async fn shutdown(&self) {
        let running = self.shared.processes.close();
        self.shared.permits.close();
        self.with_functions(|all| all.values().for_each(|function| function.permits.close()));
        running.iter().for_each(|process| process.kill(ExitReason::Shutdown));
        for process in running {
            process.exited().await;
        }
        let _ = timeout(SINK_TIMEOUT, self.shared.outputs.drained()).await;
    }

    async fn attempt(
        &self,
        function: &Arc<Function>,
        invocation: Arc<Invocation>,
    ) -> Result<Bytes, InvocationFailure> {
        let mut outcome = Err(InvocationFailure::Stopping);
        for _ in 0..START_ATTEMPTS {
            let lease = self.lease(function, invocation.tenant_id.as_deref())?;
            outcome = match lease.invoke(&invocation).await {
                Attempt::Done(outcome) => return outcome,
                Attempt::NotFetched(failure) => Err(failure),
            };
        }
        outcome
    }

    fn lease(&self, function: &Arc<Function>, tenant: Option<&str>) -> Result<Lease, InvocationFailure> {
        if let Some(lease) = function.lease_warm(tenant) {
            return Ok(lease);
        }
        if self.shared.processes.len() >= self.shared.max_processes {
            self.evict_idle();
        }
        let name = &function.settings.name;
        let port = RuntimePort::bind().map_err(|error| {
            InvocationFailure::not_started(&format!("cannot bind a port for function `{name}`: {error}"))
        })?;
        let output = self.shared.outputs.of(name, &function.metrics).map_err(|error| {
            InvocationFailure::not_started(&format!(
                "cannot start the output thread of function `{name}`: {error}"
            ))
        })?;
        let (settings, metrics) = (Arc::clone(&function.settings), Arc::clone(&function.metrics));
        let now = self.shared.clock.now();
        let process = Arc::new(Process::new(settings, port.address(), output, metrics, now));
        if !self.shared.processes.add(&process) {
            process.note_exit(ExitReason::Shutdown);
            process.handle_exited(Exit::NotStarted { cause: "the service is stopping".to_owned() });
            return Err(InvocationFailure::Stopping);
        }
        self.shared.spawner.start(Arc::clone(&process), port);
        Ok(function.lease_new(process, tenant))
    }

    /// Kills the process that has been idle for the longest time. If the limit on processes is reached, there is an
    /// idle one, because the caller holds a permit but has no process yet.
    fn evict_idle(&self) {
        let functions: Vec<_> = self.with_functions(|all| all.values().cloned().collect());
        let idle = functions.iter().filter_map(|function| Some((function.idle_since()?, function)));
        if let Some((_, function)) = idle.min_by_key(|(since, _)| *since) {
            function.evict_idle();
        }
    }

    fn find(&self, name: &str) -> Option<Arc<Function>> {
        self.with_functions(|all| all.get(name).cloned())
    }

    fn with_functions<T>(&self, change: impl FnOnce(&mut HashMap<String, Arc<Function>>) -> T) -> T {
        change(&mut self.shared.functions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for FunctionPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionPool").field("processes", &self.shared.processes).finish_non_exhaustive()
    }
}
