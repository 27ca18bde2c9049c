//! A function with its warm processes, each lent to one invocation at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use durable_host::clock::Clock;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::invocation::{Invocation, InvocationFailure, TIMED_OUT};
use super::output::OutputStream;
use super::phase::{Delivery, Exit, Reply};
use super::process::Process;
use super::report::{self, Outcome, Report};
use super::settings::FunctionSettings;

/// The time Lambda gives every function to start. A function with a longer timeout has that for its start, too.
const MIN_START_LIMIT: Duration = Duration::from_secs(10);

/// How long a process that said it cannot start may take to end by itself, so that its last words are heard.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A function and its processes that wait for an invocation.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) settings: Arc<FunctionSettings>,
    clock: Arc<dyn Clock>,
    /// One permit for each process that may work.
    pub(super) permits: Semaphore,
    /// The one that was used last comes last.
    warm: Mutex<Vec<Idle>>,
}

/// A process that waits for an invocation.
#[derive(Debug)]
struct Idle {
    process: Arc<Process>,
    tenant: Option<String>,
}

impl Function {
    pub(super) fn new(settings: FunctionSettings, clock: Arc<dyn Clock>) -> Self {
        let permits = Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        Self { settings: Arc::new(settings), clock, permits, warm: Mutex::default() }
    }

    /// Lends the process that was used last, still runs and may serve this tenant.
    pub(super) fn lend_warm(self: &Arc<Self>, tenant: Option<&str>) -> Option<Lease> {
        let Idle { process, tenant } = self.with_warm(|warm| {
            warm.retain(|idle| idle.process.is_of_use());
            let serves = |idle: &Idle| !self.settings.isolates_tenants || idle.tenant.as_deref() == tenant;
            let at = warm.iter().rposition(serves)?;
            Some(warm.remove(at))
        })?;
        Some(Lease { function: Arc::clone(self), process, tenant, is_warm: true, reusable: false })
    }

    /// Lends a process that was just started. Processes of other tenants make room for it.
    pub(super) fn lend_new(self: &Arc<Self>, process: Arc<Process>, tenant: Option<&str>) -> Lease {
        let working = self.settings.concurrency.saturating_sub(self.permits.available_permits());
        self.with_warm(|warm| {
            let too_many = warm.len().saturating_add(working).saturating_sub(self.settings.concurrency);
            warm.drain(..too_many.min(warm.len())).for_each(|idle| idle.process.kill());
        });
        let tenant = tenant.map(str::to_owned);
        Lease { function: Arc::clone(self), process, tenant, is_warm: false, reusable: false }
    }

    /// Returns since when its first idle process has been idle.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        self.with_warm(|warm| warm.first().map(|idle| idle.process.last_used()))
    }

    /// Ends the process that has been idle for the longest time.
    pub(super) fn evict_idle(&self) {
        self.with_warm(|warm| warm.drain(..warm.len().min(1)).for_each(|idle| idle.process.kill()));
    }

    fn with_warm<T>(&self, change: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
        change(&mut self.warm.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.with_warm(|warm| warm.iter().for_each(|idle| idle.process.kill()));
    }
}

/// What one process made of an invocation.
pub(super) enum Attempt {
    /// This is the outcome.
    Done(Result<Bytes, InvocationFailure>),
    /// The process never fetched it, so that another may try; this is the outcome if none does.
    NotFetched(InvocationFailure),
}

/// A process lent to one invocation. Unless it answered, it is killed when this is dropped.
pub(super) struct Lease {
    function: Arc<Function>,
    process: Arc<Process>,
    tenant: Option<String>,
    is_warm: bool,
    reusable: bool,
}

impl Lease {
    /// Has the process serve the invocation.
    pub(super) async fn invoke(mut self, invocation: &Arc<Invocation>) -> Attempt {
        let request_id = &invocation.request_id;
        let start_limit = self.function.settings.timeout.max(MIN_START_LIMIT);
        if timeout(start_limit, self.process.settled()).await.is_err() {
            self.end().await;
            let failure = InvocationFailure::timed_out(request_id, start_limit, self.function.clock.now());
            return if self.is_warm { Attempt::NotFetched(failure) } else { Attempt::Done(Err(failure)) };
        }
        let limit = self.function.settings.timeout;
        let (start, deadline) = (Instant::now(), self.function.clock.now().saturating_add(limit));
        let Some(reply) = self.process.assign(Delivery { invocation: Arc::clone(invocation), deadline })
        else {
            return unstarted(request_id, self.last_words().await);
        };
        let attempt = match timeout(limit, reply).await {
            Ok(Ok(Reply::Answered(answer))) => {
                self.reusable = true;
                Attempt::Done(answer.map_err(InvocationFailure::Handler))
            }
            Ok(Ok(Reply::NotFetched(exit))) => unstarted(request_id, exit),
            Ok(Ok(Reply::Exited(exit))) => Attempt::Done(Err(failure(request_id, exit))),
            // A process gives its reply before it is forgotten, unless everything is being dropped.
            Ok(Err(_)) => Attempt::Done(Err(InvocationFailure::Stopping)),
            Err(_) => {
                self.end().await;
                Attempt::Done(Err(InvocationFailure::timed_out(request_id, limit, self.function.clock.now())))
            }
        };
        if let Attempt::Done(outcome) = &attempt {
            self.report(invocation, start.elapsed(), outcome);
        }
        attempt
    }

    /// Ends what the log says of the invocation.
    fn report(
        &self,
        invocation: &Invocation,
        duration: Duration,
        outcome: &Result<Bytes, InvocationFailure>,
    ) {
        let say = |line: &str| self.process.print(OutputStream::Platform, line);
        let failure = match outcome {
            Err(InvocationFailure::Process(error)) => Some(error),
            Ok(_) | Err(_) => None,
        };
        if let Some(message) = failure.and_then(|error| error.error_message.as_deref()) {
            say(message);
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
        say(&report::end(&invocation.request_id));
        say(&report.to_string());
    }

    /// Kills the process and waits until it is gone, so that nothing it does can follow the end of its invocation.
    async fn end(&self) -> Exit {
        self.process.kill();
        self.process.exited().await
    }

    async fn last_words(&self) -> Exit {
        match timeout(LAST_WORDS, self.process.exited()).await {
            Ok(exit) => exit,
            Err(_) => self.end().await,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.reusable {
            let idle = Idle { process: Arc::clone(&self.process), tenant: self.tenant.take() };
            self.function.with_warm(|warm| warm.push(idle));
        } else {
            self.process.kill();
        }
    }
}

/// The process ended without having fetched the invocation.
fn unstarted(request_id: &str, exit: Exit) -> Attempt {
    match exit {
        Exit::Ended { .. } => Attempt::NotFetched(failure(request_id, exit)),
        // A function that says why it does not start would say so again.
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
