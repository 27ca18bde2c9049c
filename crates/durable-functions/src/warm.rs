//! A function and its warm processes, each of which is leased to one invocation at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use durable_host::clock::Clock;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::exit_reason::ExitReason;
use super::function_process_metrics::FunctionProcessMetrics;
use super::invocation::{Invocation, InvocationFailure, TIMED_OUT};
use super::output::OutputStream;
use super::phase::{Delivery, Exit, Reply};
use super::process::Process;
use super::report::{self, Outcome, Report};
use super::settings::FunctionSettings;

/// The minimum time limit for the start of a process, the same as Lambda's. A function with a longer timeout has that
/// much time to start.
const MIN_START_LIMIT: Duration = Duration::from_secs(10);

/// The time that a process has to exit by itself after it reported that it cannot start, so that its last output is
/// read.
const INIT_ERROR_GRACE_PERIOD: Duration = Duration::from_secs(1);

/// A function and its idle processes.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) settings: Arc<FunctionSettings>,
    pub(super) metrics: Arc<FunctionProcessMetrics>,
    clock: Arc<dyn Clock>,
    /// One permit for each process that may run an invocation.
    pub(super) permits: Semaphore,
    /// The idle processes, least recently used first.
    warm: Mutex<Vec<Idle>>,
}

/// An idle process.
#[derive(Debug)]
struct Idle {
    process: Arc<Process>,
    tenant: Option<String>,
}

impl Function {
    pub(super) fn new(
        settings: FunctionSettings,
        metrics: FunctionProcessMetrics,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let permits = Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let (settings, metrics) = (Arc::new(settings), Arc::new(metrics));
        Self { settings, metrics, clock, permits, warm: Mutex::default() }
    }

    /// Leases the most recently used process that still runs and may serve this tenant.
    pub(super) fn lease_warm(self: &Arc<Self>, tenant: Option<&str>) -> Option<Lease> {
        let Idle { process, tenant } = self.with_warm(|warm| {
            warm.retain(|idle| idle.process.is_live());
            let serves = |idle: &Idle| !self.settings.isolates_tenants || idle.tenant.as_deref() == tenant;
            let at = warm.iter().rposition(serves)?;
            Some(warm.remove(at))
        })?;
        Some(Lease { function: Arc::clone(self), process, tenant, is_warm: true, reusable: false })
    }

    /// Leases a process that was just started. If there are too many processes, idle ones of other tenants are killed.
    pub(super) fn lease_new(self: &Arc<Self>, process: Arc<Process>, tenant: Option<&str>) -> Lease {
        let working = self.settings.concurrency.saturating_sub(self.permits.available_permits());
        self.with_warm(|warm| {
            let too_many = warm.len().saturating_add(working).saturating_sub(self.settings.concurrency);
            let evicted = warm.drain(..too_many.min(warm.len()));
            evicted.for_each(|idle| idle.process.kill(ExitReason::Evicted));
        });
        let tenant = tenant.map(str::to_owned);
        Lease { function: Arc::clone(self), process, tenant, is_warm: false, reusable: false }
    }

    /// Returns the time since which the least recently used process has been idle.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        self.with_warm(|warm| warm.first().map(|idle| idle.process.last_used()))
    }

    /// Kills the process that has been idle for the longest time.
    pub(super) fn evict_idle(&self) {
        self.with_warm(|warm| {
            warm.drain(..warm.len().min(1)).for_each(|idle| idle.process.kill(ExitReason::Evicted));
        });
    }

    fn with_warm<T>(&self, change: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
        change(&mut self.warm.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.with_warm(|warm| warm.iter().for_each(|idle| idle.process.kill(ExitReason::Removed)));
    }
}

/// The result of an attempt to run an invocation in a process.
pub(super) enum Attempt {
    /// The invocation ended with this outcome.
    Done(Result<Bytes, InvocationFailure>),
    /// The process never fetched the invocation, so another attempt is possible. If there is none, this is the outcome.
    NotFetched(InvocationFailure),
}

/// A process leased to one invocation. Unless the process responded, it is killed when the lease is dropped.
pub(super) struct Lease {
    function: Arc<Function>,
    process: Arc<Process>,
    tenant: Option<String>,
    is_warm: bool,
    reusable: bool,
}

impl Lease {
    /// Runs the invocation in the process.
    pub(super) async fn invoke(mut self, invocation: &Arc<Invocation>) -> Attempt {
        let request_id = &invocation.request_id;
        let start_limit = self.function.settings.timeout.max(MIN_START_LIMIT);
        if timeout(start_limit, self.process.settled()).await.is_err() {
            self.kill(ExitReason::TimedOut).await;
            let failure = InvocationFailure::timed_out(request_id, start_limit, self.function.clock.now());
            return if self.is_warm { Attempt::NotFetched(failure) } else { Attempt::Done(Err(failure)) };
        }
        let limit = self.function.settings.timeout;
        let (start, deadline) = (Instant::now(), self.function.clock.now().saturating_add(limit));
        let Some(reply) = self.process.assign(Delivery { invocation: Arc::clone(invocation), deadline })
        else {
            return not_fetched(request_id, self.exit_within_grace_period().await);
        };
        let attempt = match timeout(limit, reply).await {
            Ok(Ok(Reply::Answered(answer))) => {
                self.reusable = true;
                Attempt::Done(answer.map_err(InvocationFailure::Handler))
            }
            Ok(Ok(Reply::NotFetched(exit))) => not_fetched(request_id, exit),
            Ok(Ok(Reply::Exited(exit))) => Attempt::Done(Err(failure(request_id, exit))),
            // Every assignment receives a reply, unless the pool is being dropped.
            Ok(Err(_)) => Attempt::Done(Err(InvocationFailure::Stopping)),
            Err(_) => {
                self.kill(ExitReason::TimedOut).await;
                Attempt::Done(Err(InvocationFailure::timed_out(request_id, limit, self.function.clock.now())))
            }
        };
        if let Attempt::Done(outcome) = &attempt {
            self.report(invocation, start.elapsed(), outcome);
        }
        attempt
    }

    /// Logs the end of the invocation and its resource usage.
    fn report(
        &self,
        invocation: &Invocation,
        duration: Duration,
        outcome: &Result<Bytes, InvocationFailure>,
    ) {
        let log = |line: &str| self.process.print(OutputStream::Platform, line);
        let failure = match outcome {
            Err(InvocationFailure::Process(error)) => Some(error),
            Ok(_) | Err(_) => None,
        };
        if let Some(message) = failure.and_then(|error| error.error_message.as_deref()) {
            log(message);
        }
        let outcome = match failure.map(|error| error.error_type.as_deref().unwrap_or_default()) {
            None => Outcome::Answered,
            Some(TIMED_OUT) => Outcome::TimedOut,
            Some(error_type) => Outcome::Ended { error_type },
        };
        let report = Report {
            request_id: &invocation.request_id,
            duration,
            memory_mb: self.function.settings.memory_mb,
            max_memory_mb: self.process.system_id().and_then(report::max_memory_mb),
            start_duration: self.process.start_duration().filter(|_| !self.is_warm),
            outcome,
        };
        log(&report::end(&invocation.request_id));
        log(&report.to_string());
    }

    /// Kills the process and waits until it has exited, so that it can have no effect after the end of its invocation.
    async fn kill(&self, reason: ExitReason) -> Exit {
        self.process.kill(reason);
        self.process.exited().await
    }

    async fn exit_within_grace_period(&self) -> Exit {
        match timeout(INIT_ERROR_GRACE_PERIOD, self.process.exited()).await {
            Ok(exit) => exit,
            Err(_) => self.kill(ExitReason::Failed).await,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.reusable {
            let idle = Idle { process: Arc::clone(&self.process), tenant: self.tenant.take() };
            self.function.with_warm(|warm| warm.push(idle));
        } else {
            self.process.kill(ExitReason::Abandoned);
        }
    }
}

/// Returns the result of an attempt whose process exited without fetching the invocation.
fn not_fetched(request_id: &str, exit: Exit) -> Attempt {
    match exit {
        Exit::Ended { .. } => Attempt::NotFetched(failure(request_id, exit)),
        // A function that reports why it cannot start would do so again.
        Exit::Unusable(_) | Exit::NotStarted { .. } => Attempt::Done(Err(failure(request_id, exit))),
    }
}

fn failure(request_id: &str, exit: Exit) -> InvocationFailure {
    match exit {
        Exit::Ended { cause } => InvocationFailure::exited(request_id, &cause),
        Exit::Unusable(error) => InvocationFailure::Process(error),
        Exit::NotStarted { cause } => InvocationFailure::not_started(&cause),
    }
}
