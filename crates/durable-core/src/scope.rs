//! Where in an execution the code is that this thread is polling.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use durable_engine::{ContextKey, OperationId};

use crate::shared::Shared;

thread_local! {
    static CURRENT: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// Code of a user: a handler, the body of a context, or an attempt of a step.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) shared: Arc<Shared>,
    pub(crate) place: Place,
}

/// What kind of code it is.
#[derive(Clone)]
pub(crate) enum Place {
    /// A handler or the body of a context, which runs again on replay.
    Context(ContextKey),
    /// An attempt of a step, which does not.
    Step(Arc<StepScope>),
}

/// An attempt of a step.
pub(crate) struct StepScope {
    pub(crate) name: Option<String>,
    pub(crate) id: OperationId,
    pub(crate) attempt: u32,
}

impl Scope {
    /// Polls a future of ours in this scope, as it claims operations on behalf of the code there. It does not panic.
    pub(crate) async fn run<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| self.enter(|| future.as_mut().poll(cx))).await
    }

    /// Polls code of the user in this scope. A poll that panics must be caught inside.
    pub(crate) fn enter<R>(&self, poll: impl FnOnce() -> R) -> R {
        let outer = CURRENT.replace(Some(self.clone()));
        let polled = poll();
        CURRENT.set(outer);
        polled
    }
}

/// Where the code is that this thread is polling, if it is code of an execution.
pub(crate) fn current() -> Option<Scope> {
    CURRENT.with_borrow(Clone::clone)
}
