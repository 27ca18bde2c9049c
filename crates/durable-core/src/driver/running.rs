//! Running user code: the handler and the operations it spawned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use durable_engine::ContextKey;
use durable_types::ErrorObject;

use super::wake::HandlerWaker;
use crate::future_set::FutureSet;
use crate::panic::panicked;
use crate::plugin::CodeLocation;
use crate::scope::{Place, Scope};
use crate::shared::{Delivered, Shared, Task};

/// A handler whose input and output are JSON.
pub(super) type HandlerFuture<'h> = Pin<Box<dyn Future<Output = Result<String, ErrorObject>> + Send + 'h>>;

/// A handler that has not ended, and the operations it spawned.
pub(super) struct Running<'h> {
    handler: Option<HandlerFuture<'h>>,
    scope: Option<Scope>,
    handler_waker: HandlerWaker,
    spawned: FutureSet<Task>,
    spawned_waker: HandlerWaker,
}

impl<'h> Running<'h> {
    /// A handler that wants its first poll.
    pub(super) fn new(handler: HandlerFuture<'h>, shared: &Arc<Shared>) -> Self {
        let handler_waker = HandlerWaker::new();
        let mut scope = Scope::new(Arc::clone(shared), Place::Context(ContextKey::ROOT));
        let location = CodeLocation { operation_id: None, attempt: None };
        scope.spans = shared.observers().and_then(|observers| observers.spans(&location));
        shared.register_handler(handler_waker.waker().clone());
        Self {
            handler: Some(handler),
            scope: Some(scope),
            handler_waker,
            spawned: FutureSet::new(shared.held_wakers()),
            spawned_waker: HandlerWaker::new(),
        }
    }

    /// Declares that the driver is running and checks for wakes itself.
    pub(super) fn start_driving(&self, task: &Waker) {
        self.handler_waker.start_driving(task);
        self.spawned_waker.start_driving(task);
    }

    /// Declares that the driver is about to wait. Returns whether anything was woken in the meantime.
    pub(super) fn stop_driving(&self) -> bool {
        self.handler_waker.stop_driving() | self.spawned_waker.stop_driving()
    }

    /// Delivers the next result, if the code is at rest and a result is due. Returns whether it did.
    pub(super) fn deliver(&self, shared: &Shared) -> bool {
        match shared.deliver() {
            Delivered::ToHandler => self.handler_waker.set_woken(),
            Delivered::To(waker) => waker.wake(),
            Delivered::Nothing => return false,
        }
        true
    }

    pub(super) fn is_woken(&self) -> bool {
        self.handler_waker.is_woken() || self.spawned_waker.is_woken()
    }

    /// Returns whether anything other than operations can wake the code.
    pub(super) fn may_be_woken_beside(&self, shared: &Shared) -> bool {
        let waker = &self.handler_waker;
        let is_held = || waker.is_held_elsewhere() || shared.held_wakers().is_any();
        self.handler.is_some() && (is_held() || shared.has_other_tasks())
    }

    /// Polls what was woken, and what was spawned meanwhile.
    pub(super) fn poll(&mut self, shared: &Shared) {
        let spawned = if self.handler_waker.take_woken() {
            shared.driven(|| fail_if_it_panics(shared, || self.poll_handler(shared)))
        } else {
            shared.take_spawned()
        };
        self.take_over(spawned);
        if self.spawned_waker.take_woken() {
            let spawned = shared.driven(|| fail_if_it_panics(shared, || self.poll_spawned()));
            self.take_over(spawned);
        }
    }

    fn poll_handler(&mut self, shared: &Shared) {
        let Some(future) = &mut self.handler else { return };
        // A handler that panicked is dropped and never polled again, so its broken invariants cannot be observed.
        let mut poll = |cx: &mut Context<'_>| catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        let polled = self.handler_waker.enter(|cx| Scope::enter(&mut self.scope, || poll(cx)));
        let result = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(panicked(panic.as_ref())),
        };
        shared.drive(|engine| engine.handle_handler_finished(result));
        self.handler = None;
        self.spawned.clear();
    }

    fn poll_spawned(&mut self) {
        let spawned = &mut self.spawned;
        self.spawned_waker.enter(|cx| while let Poll::Ready(Some(())) = spawned.poll_next(cx) {});
    }

    fn take_over(&mut self, spawned: Vec<Task>) {
        for task in spawned {
            self.spawned.push(task);
            self.spawned_waker.waker().wake_by_ref();
        }
    }
}

/// Runs code that drops user values. If it panics, the execution fails, unless it has already ended.
fn fail_if_it_panics(shared: &Shared, code: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
        shared.drive(|engine| engine.handle_handler_finished(Err(panicked(panic.as_ref()))));
    }
}
