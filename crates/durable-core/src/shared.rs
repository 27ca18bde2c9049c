//! What the contexts and futures of one invocation share with its driver.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};
use std::thread::{self, ThreadId};

use durable_engine::{Claimant, Engine, Fatal, OperationKey, Progress};
use futures_util::task::AtomicWaker;

use crate::clock::Clock;
use crate::error::BoxError;
use crate::lambda::LambdaContext;
use crate::serdes::ContextSerdes;
use crate::wakers::{WakerOf, Wakers};

/// A spawned operation. What it comes to is handed over inside of it.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The engine of an invocation, behind the one lock there is.
///
/// The lock is taken for the length of a closure, never across an await, and no user code runs under it.
pub(crate) struct Shared {
    execution_arn: Arc<str>,
    clock: Clock,
    lambda_context: LambdaContext,
    /// What the result of the handler is recorded with.
    result_serdes: Mutex<ContextSerdes>,
    state: Mutex<State>,
    driver: AtomicWaker,
}

struct State {
    engine: Engine,
    wakers: Wakers,
    /// Operations that were spawned and that the driver has not taken over yet.
    spawned: Vec<Task>,
    /// The thread on which the driver is polling the handler; it looks at the engine afterwards anyway.
    driven_on: Option<ThreadId>,
    /// Whether operations are used outside of the handler's own task, so that nobody can tell what may still happen.
    is_used_elsewhere: bool,
    /// Why the invocation has to end without an answer.
    interruption: Option<BoxError>,
}

/// What moves next when the handler is at rest.
pub(crate) enum Delivered {
    /// A result for a future that the handler awaits directly.
    ToHandler,
    /// A result for a future with a waker of its own, such as a branch of a combinator.
    To(Waker),
    /// Nothing: the driver is to look at everything else.
    Nothing,
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, lambda_context: LambdaContext) -> Self {
        Self {
            execution_arn: engine.execution_arn().into(),
            clock,
            lambda_context,
            result_serdes: Mutex::default(),
            state: Mutex::new(State {
                engine,
                wakers: Wakers::default(),
                spawned: Vec::new(),
                driven_on: None,
                is_used_elsewhere: false,
                interruption: None,
            }),
            driver: AtomicWaker::new(),
        }
    }

    pub(crate) fn execution_arn(&self) -> &Arc<str> {
        &self.execution_arn
    }

    /// The time of the invocation.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// What Lambda says about the invocation.
    pub(crate) fn lambda_context(&self) -> &LambdaContext {
        &self.lambda_context
    }

    /// What the result of the handler is recorded with.
    pub(crate) fn result_serdes(&self) -> ContextSerdes {
        self.result_serdes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records the result of the handler with this serdes.
    pub(crate) fn set_result_serdes(&self, serdes: ContextSerdes) {
        // Dropping a serdes of the user is code of the user.
        let replaced = std::mem::replace(
            &mut *self.result_serdes.lock().unwrap_or_else(PoisonError::into_inner),
            serdes,
        );
        drop(replaced);
    }

    /// Leaves an operation to the driver, which drives it beside the handler.
    pub(crate) fn spawn(&self, task: Task) {
        let is_driven = self.locked(|state| {
            state.spawned.push(task);
            state.is_driven()
        });
        if !is_driven {
            self.driver.wake();
        }
    }

    /// Takes over what was spawned since the last call.
    pub(crate) fn take_spawned(&self) -> Vec<Task> {
        self.locked(|state| std::mem::take(&mut state.spawned))
    }

    /// Uses the engine. The driver is woken if it would not look at it by itself.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let (result, is_driven) = self.locked(|state| (f(&mut state.engine), state.is_driven()));
        if !is_driven {
            self.driver.wake();
        }
        result
    }

    /// The same on behalf of code that claims something, which may be another task of the runtime.
    pub(crate) fn claim<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        let (result, is_driven) = self.locked(|state| {
            state.is_used_elsewhere |= !state.is_driven();
            (f(&mut state.engine), state.is_driven())
        });
        if !is_driven {
            self.driver.wake();
        }
        result
    }

    /// Which code runs when it is not known to be a body: what the driver polls, or another task of the runtime.
    pub(crate) fn claimant(&self) -> Claimant {
        self.locked(|state| if state.is_driven() { Claimant::Handler } else { Claimant::OtherTask })
    }

    /// Ends the execution as failed.
    pub(crate) fn fail(&self, fatal: Fatal) {
        self.with(|engine| engine.fail(fatal));
    }

    /// Whether the future of an operation that ended in an earlier invocation may return its result now; it is woken when
    /// it may. An operation whose result is taken is released.
    pub(crate) fn poll_deferred(&self, key: OperationKey, cx: &Context<'_>) -> bool {
        let (is_ready, replaced, next, is_driven) = self.locked(|state| {
            let is_ready = state.engine.poll_deferred(key);
            let (replaced, next) = if is_ready {
                state.engine.release(key);
                (state.wakers.take(key), state.next_to_wake())
            } else {
                (state.wakers.keep(key, cx.waker()), None)
            };
            state.is_used_elsewhere |= !state.is_driven();
            (is_ready, replaced, next, state.is_driven())
        });
        drop(replaced);
        self.wake_now(next, is_driven);
        is_ready
    }

    /// Delivers the next result to the handler, which is at rest. To be called by the driver.
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

    /// What an operation asks of its future, which is woken when that changes.
    pub(crate) fn poll(&self, key: OperationKey, cx: &Context<'_>) -> Progress {
        let (progress, replaced, next, is_driven) = self.locked(|state| {
            let progress = state.engine.poll(key);
            let is_pending = progress == Progress::Pending;
            let replaced = if is_pending { state.wakers.keep(key, cx.waker()) } else { None };
            let next = if is_pending { None } else { state.next_to_wake() };
            state.is_used_elsewhere |= !state.is_driven();
            (progress, replaced, next, state.is_driven())
        });
        // Dropping a waker may drop a task that has operations of its own, which takes the lock.
        drop(replaced);
        self.wake_now(next, is_driven);
        progress
    }

    /// Forgets an operation whose future was dropped.
    pub(crate) fn release(&self, key: OperationKey) {
        let (waker, next, is_driven) = self.locked(|state| {
            state.engine.release(key);
            (state.wakers.take(key), state.next_to_wake(), state.is_driven())
        });
        drop(waker);
        self.wake_now(next, is_driven);
    }

    /// Ends the invocation without an answer; the first reason counts.
    pub(crate) fn interrupt(&self, reason: BoxError) {
        let (later, is_driven) = self.locked(|state| {
            let later = match state.interruption {
                None => state.interruption.replace(reason),
                Some(_) => Some(reason),
            };
            (later, state.is_driven())
        });
        // Dropping an error of the user is code of the user.
        drop(later);
        if !is_driven {
            self.driver.wake();
        }
    }

    /// Why the invocation has to end without an answer, if it has to.
    pub(crate) fn take_interruption(&self) -> Option<BoxError> {
        self.locked(|state| state.interruption.take())
    }

    /// Whether operations are used outside of the handler's own task, now or in an earlier invocation.
    pub(crate) fn has_other_tasks(&self) -> bool {
        self.locked(|state| state.is_used_elsewhere || state.engine.has_other_tasks())
    }

    /// Forgets everything that would be woken or driven: the invocation is over.
    pub(crate) fn forget_wakers(&self) {
        let forgotten =
            self.locked(|state| (std::mem::take(&mut state.wakers), std::mem::take(&mut state.spawned)));
        drop(forgotten);
    }

    /// Wakes the future of an operation.
    pub(crate) fn wake(&self, key: OperationKey) {
        if let Some(waker) = self.locked(|state| state.wakers.take_to_wake(key)) {
            waker.wake();
        }
    }

    /// Registers the waker that the handler is polled with.
    pub(crate) fn register_handler(&self, waker: Waker) {
        let replaced = self.locked(|state| state.wakers.register_handler(waker));
        drop(replaced);
    }

    /// Registers the driver's own waker.
    pub(crate) fn register_driver(&self, waker: &Waker) {
        self.driver.register(waker);
    }

    /// Runs `f` while the driver answers for what it does to the engine, and takes over what it spawned.
    pub(crate) fn driven(&self, f: impl FnOnce()) -> Vec<Task> {
        self.locked(|state| state.driven_on = Some(thread_id()));
        f();
        self.locked(|state| {
            state.driven_on = None;
            std::mem::take(&mut state.spawned)
        })
    }

    /// Uses the engine on behalf of the driver.
    pub(crate) fn drive<R>(&self, f: impl FnOnce(&mut Engine) -> R) -> R {
        self.locked(|state| f(&mut state.engine))
    }

    /// Wakes the future whose turn has come, before the code that polled another one goes on.
    fn wake_now(&self, next: Option<Waker>, is_driven: bool) {
        if let Some(waker) = next {
            waker.wake();
        }
        if !is_driven {
            self.driver.wake();
        }
    }

    fn locked<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        // Nothing that may panic runs under the lock, so a poisoned state is still a whole one.
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Whether the driver is polling the code that asks: the handler or what it spawned, not another task of the runtime.
    fn is_driven(&self) -> bool {
        self.driven_on == Some(thread_id())
    }

    /// The waker of the future that may return the next result, now that one before it was returned or dropped.
    fn next_to_wake(&mut self) -> Option<Waker> {
        let key = self.engine.poll_wake()?;
        self.wakers.take_to_wake(key)
    }
}

/// The thread that this runs on. The standard library counts references to find out, and this is asked several times for
/// each operation.
fn thread_id() -> ThreadId {
    thread_local!(static ID: ThreadId = thread::current().id());
    ID.with(|id| *id)
}
