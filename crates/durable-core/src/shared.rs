//! The state that contexts and futures of one invocation share with its driver.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Waker};

use durable_engine::{Claimant, Engine, Fatal, Idle, OperationKey, Progress};
use durable_types::Timestamp;
use futures_util::task::AtomicWaker;

use crate::clock::Clock;
use crate::error::BoxError;
use crate::future_set::{HeldWakers, RememberedWaker};
use crate::lambda::LambdaContext;
use crate::plugin::Observers;
use crate::rest::{Rest, Rests};
use crate::running_thread::RunningThread;
use crate::serdes::{ContextSerdes, SerdesHost};
use crate::wakers::{WakerOf, Wakers};

/// A spawned operation, which hands over its output itself.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The engine of an invocation, behind the SDK's only lock.
///
/// The lock is held for the duration of a closure, never across an await, and no user code runs under it.
pub(crate) struct Shared {
    execution_arn: Arc<str>,
    clock: Clock,
    lambda_context: LambdaContext,
    /// The serdes of the handler's result.
    result_serdes: Mutex<ContextSerdes>,
    state: Mutex<State>,
    /// Copies of what the state says, to be read without the lock.
    operations_in_use: AtomicUsize,
    has_other_tasks: AtomicBool,
    has_spawned: AtomicBool,
    /// The thread on which the driver is polling the handler, after which it checks the engine anyway.
    driven_on: RunningThread,
    driver: AtomicWaker,
    held_wakers: HeldWakers,
    /// The plugins of the invocation, if there are any.
    observers: OnceLock<Observers>,
}

struct State {
    engine: Engine,
    wakers: Wakers,
    rests: Rests,
    /// Spawned operations that the driver has not taken over yet.
    spawned: Vec<Task>,
    /// Whether operations are used outside of the handler's task, so that it is unknown what may still happen.
    is_used_elsewhere: bool,
    /// The reason why the invocation has to fail.
    interruption: Option<BoxError>,
}

/// The result to deliver when the handler is at rest.
pub(crate) enum Delivered {
    /// A result for a future that the handler awaits directly.
    ToHandler,
    /// A result for a future with a waker of its own, such as a branch of a combinator.
    To(RememberedWaker),
    /// No result: the driver proceeds with its other work.
    Nothing,
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, lambda_context: LambdaContext) -> Self {
        Self {
            execution_arn: engine.execution_arn().into(),
            clock,
            lambda_context,
            result_serdes: Mutex::default(),
            operations_in_use: AtomicUsize::new(engine.operations_in_use()),
            has_other_tasks: AtomicBool::new(engine.has_other_tasks()),
            has_spawned: AtomicBool::new(false),
            driven_on: RunningThread::default(),
            state: Mutex::new(State {
                engine,
                wakers: Wakers::default(),
                rests: Rests::default(),
                spawned: Vec::new(),
                is_used_elsewhere: false,
                interruption: None,
            }),
            driver: AtomicWaker::new(),
            held_wakers: HeldWakers::default(),
            observers: OnceLock::new(),
        }
    }

    /// Adds the plugins of the invocation, before the handler starts.
    pub(crate) fn observe_by(&self, observers: Observers) {
        // There is one caller, so it is not set.
        let _ = self.observers.set(observers);
    }

    /// Returns the plugins of the invocation, if there are any.
    pub(crate) fn observers(&self) -> Option<&Observers> {
        self.observers.get()
    }

    pub(crate) fn execution_arn(&self) -> &Arc<str> {
        &self.execution_arn
    }

    /// Returns the clock of the invocation.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Returns Lambda's data about the invocation.
    pub(crate) fn lambda_context(&self) -> &LambdaContext {
        &self.lambda_context
    }

    /// Returns the count of wakers that something other than the SDK holds.
    pub(crate) fn held_wakers(&self) -> &HeldWakers {
        &self.held_wakers
    }

    /// Returns the serdes of the handler's result.
    pub(crate) fn result_serdes(&self) -> ContextSerdes {
        self.result_serdes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the serdes of the handler's result.
    pub(crate) fn set_result_serdes(&self, serdes: ContextSerdes) {
        // Dropping a user-defined serdes runs user code, so it is dropped outside of the lock.
        let replaced = std::mem::replace(
            &mut *self.result_serdes.lock().unwrap_or_else(PoisonError::into_inner),
            serdes,
        );
        drop(replaced);
    }

    /// Hands a spawned operation to the driver, which drives it concurrently with the handler.
    pub(crate) fn spawn(&self, task: Task) {
        self.locked(|state| state.spawned.push(task));
        self.wake_driver();
    }

    /// Takes the operations spawned since the last call.
    pub(crate) fn take_spawned(&self) -> Vec<Task> {
        if !self.has_spawned.load(Ordering::Acquire) {
            return Vec::new();
        }
        self.locked(|state| std::mem::take(&mut state.spawned))
    }

    /// Accesses the engine, and wakes the driver unless it checks the engine anyway.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let result = self.locked(|state| f(&mut state.engine));
        self.wake_driver();
        result
    }

    /// Accesses the engine on behalf of code that claims something, which may be another task of the runtime.
    pub(crate) fn claim<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let is_driven = self.is_driven();
        let result = self.locked(|state| {
            state.is_used_elsewhere |= !is_driven;
            f(&mut state.engine)
        });
        self.wake_driver();
        result
    }

    /// Returns which code is running outside of known bodies: code that the driver polls, or another task of the
    /// runtime.
    pub(crate) fn claimant(&self) -> Claimant {
        if self.is_driven() { Claimant::Handler } else { Claimant::OtherTask }
    }

    /// Ends the execution as failed.
    pub(crate) fn fail(&self, fatal: Fatal) {
        self.with(|engine| engine.fail(fatal));
    }

    /// Returns whether the future of an operation that ended in an earlier invocation may return its result now, and
    /// wakes it later if not. An operation whose result is taken is released.
    pub(crate) fn poll_deferred(&self, key: OperationKey, cx: &Context<'_>) -> bool {
        let is_driven = self.is_driven();
        let (is_ready, replaced, next) = self.locked(|state| {
            let is_ready = state.engine.poll_deferred(key);
            let (replaced, next) = if is_ready {
                state.engine.release(key);
                (state.wakers.take(key), state.next_to_wake())
            } else {
                (state.wakers.keep(key, cx.waker()), None)
            };
            state.is_used_elsewhere |= !is_driven;
            (is_ready, replaced, next)
        });
        drop(replaced);
        self.wake_now(next);
        is_ready
    }

    /// Delivers the next result to the handler, which must be at rest. Called by the driver only.
    pub(crate) fn deliver(&self) -> Delivered {
        self.locked(|state| {
            if state.interruption.is_some() || !state.spawned.is_empty() {
                return Delivered::Nothing;
            }
            let Some(key) = state.engine.deliver() else { return Delivered::Nothing };
            match state.wakers.take(key) {
                Some(WakerOf::Handler) => Delivered::ToHandler,
                Some(WakerOf::Other(waker)) => Delivered::To(waker),
                None => Delivered::Nothing,
            }
        })
    }

    /// Returns whether the code has come to rest since the first call, and wakes the caller when it does.
    pub(crate) fn poll_rest(&self, rest: &mut Rest, cx: &Context<'_>) -> bool {
        self.locked(|state| state.rests.poll(rest, cx.waker()))
    }

    /// Wakes what waits for the code to come to rest. Called by the driver only. Returns whether anything did.
    pub(crate) fn wake_at_rest(&self) -> bool {
        let waiting = self.locked(|state| state.rests.handle_rest());
        let is_any = !waiting.is_empty();
        waiting.into_iter().for_each(RememberedWaker::wake);
        is_any
    }

    /// Returns the progress of an operation; its future is woken when that changes.
    pub(crate) fn poll(&self, key: OperationKey, cx: &Context<'_>) -> Progress {
        let is_driven = self.is_driven();
        let now = self.clock.now();
        let (progress, replaced, next) = self.locked(|state| {
            state.engine.handle_time(now);
            let progress = state.engine.poll(key);
            let is_pending = progress == Progress::Pending;
            let replaced = if is_pending { state.wakers.keep(key, cx.waker()) } else { None };
            let next = if is_pending { None } else { state.next_to_wake() };
            state.is_used_elsewhere |= !is_driven;
            (progress, replaced, next)
        });
        // Dropping a waker may drop a task that holds operations, whose release takes the lock.
        drop(replaced);
        self.wake_now(next);
        progress
    }

    /// Releases an operation whose future was dropped.
    pub(crate) fn release(&self, key: OperationKey) {
        let (waker, next) = self.locked(|state| {
            state.engine.release(key);
            (state.wakers.take(key), state.next_to_wake())
        });
        drop(waker);
        self.wake_now(next);
    }

    /// Makes the invocation fail; the first reason counts.
    pub(crate) fn interrupt(&self, reason: BoxError) {
        let later = self.locked(|state| match state.interruption {
            None => state.interruption.replace(reason),
            Some(_) => Some(reason),
        });
        // Dropping a user-defined error runs user code, so it is dropped outside of the lock.
        drop(later);
        self.wake_driver();
    }

    /// Takes the reason why the invocation has to fail, if there is one.
    pub(crate) fn take_interruption(&self) -> Option<BoxError> {
        self.locked(|state| state.interruption.take())
    }

    /// Returns whether operations are used outside of the handler's task, now or in an earlier invocation.
    pub(crate) fn has_other_tasks(&self) -> bool {
        self.has_other_tasks.load(Ordering::Relaxed)
    }

    /// Returns the number of operations that were claimed and have not been released.
    pub(crate) fn operations_in_use(&self) -> usize {
        self.operations_in_use.load(Ordering::Relaxed)
    }

    /// Drops all wakers and spawned operations, because the invocation is over.
    pub(crate) fn forget_wakers(&self) {
        let forgotten = self.locked(|state| {
            let wakers = (std::mem::take(&mut state.wakers), std::mem::take(&mut state.rests));
            (wakers, std::mem::take(&mut state.spawned))
        });
        drop(forgotten);
    }

    /// Wakes the future of an operation.
    pub(crate) fn wake(&self, key: OperationKey) {
        if let Some(waker) = self.locked(|state| state.wakers.take_to_wake(key)) {
            waker.wake();
        }
    }

    /// Registers the waker with which the handler is polled.
    pub(crate) fn register_handler(&self, waker: Waker) {
        let replaced = self.locked(|state| state.wakers.register_handler(waker));
        drop(replaced);
    }

    /// Registers the driver's own waker.
    pub(crate) fn register_driver(&self, waker: &Waker) {
        self.driver.register(waker);
    }

    /// Decides how the invocation proceeds although nothing was woken. `may_be_woken` is whether anything but operations
    /// can wake the code. Called by the driver only.
    pub(crate) fn handle_idle(&self, now: Timestamp, may_be_woken: bool) -> Idle {
        self.locked(|state| state.engine.handle_idle(now, may_be_woken || state.has_other_tasks()))
    }

    /// Runs `f` while the driver answers for what it does to the engine, and takes over what it spawned.
    pub(crate) fn driven(&self, f: impl FnOnce()) -> Vec<Task> {
        self.driven_on.set_current();
        f();
        self.driven_on.unset();
        self.take_spawned()
    }

    /// Accesses the engine on behalf of the driver.
    pub(crate) fn drive<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        self.locked(|state| f(&mut state.engine))
    }

    /// Wakes the future whose turn has come, before the code that polled another future resumes.
    fn wake_now(&self, next: Option<RememberedWaker>) {
        if let Some(waker) = next {
            waker.wake();
        }
        self.wake_driver();
    }

    /// Wakes the driver, unless it is polling the calling code and checks the engine afterwards anyway.
    fn wake_driver(&self) {
        if !self.is_driven() {
            self.driver.wake();
        }
    }

    /// Returns whether the driver is polling the calling code: the handler or an operation that it spawned.
    fn is_driven(&self) -> bool {
        self.driven_on.is_current()
    }

    /// Changes the state, and notifies plugins of what that did to operations.
    fn locked<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let (result, is_observed) = self.unobserved(|state| (f(state), state.engine.has_observations()));
        if is_observed {
            self.notify_observers();
        }
        result
    }

    #[cold]
    fn notify_observers(&self) {
        if let Some(observers) = self.observers.get() {
            // Taken while hooks of no other thread run, so that they are called in the order of the observations.
            let take = || self.unobserved(|state| state.engine.take_observations());
            observers.observe(self.clock.now(), take);
        }
    }

    fn unobserved<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        // Nothing that can panic runs under the lock, so the state is consistent even if the lock is poisoned.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = f(&mut state);
        self.operations_in_use.store(state.engine.operations_in_use(), Ordering::Relaxed);
        self.has_other_tasks.store(state.has_other_tasks(), Ordering::Relaxed);
        self.has_spawned.store(!state.spawned.is_empty(), Ordering::Release);
        result
    }
}

impl SerdesHost for Shared {
    fn execution_arn(&self) -> &str {
        &self.execution_arn
    }

    fn handle_work_began(&self) {
        self.with(Engine::handle_work_began);
    }

    fn handle_work_ended(&self) {
        self.with(Engine::handle_work_ended);
    }

    fn interrupt(&self, reason: BoxError) {
        self.interrupt(reason);
    }

    fn fail(&self, fatal: Fatal) {
        self.fail(fatal);
    }
}

impl State {
    fn has_other_tasks(&self) -> bool {
        self.is_used_elsewhere || self.engine.has_other_tasks()
    }

    /// Takes the waker of the future that may return the next result, now that an earlier one was returned or dropped.
    fn next_to_wake(&mut self) -> Option<RememberedWaker> {
        let key = self.engine.poll_wake()?;
        self.wakers.take_to_wake(key)
    }
}
