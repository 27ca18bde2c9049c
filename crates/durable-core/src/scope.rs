//! The scope of the code that the current thread is polling.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use durable_engine::{ContextKey, OperationId};
use pin_project_lite::pin_project;

use crate::outside::is_outside;
use crate::plugin::Spans;
use crate::shared::Shared;

thread_local! {
    static CURRENT: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// The scope of user code: a handler, the body of a context, or an attempt of a step.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) shared: Arc<Shared>,
    pub(crate) place: Place,
    /// The spans of plugins in which the code runs.
    pub(crate) spans: Option<Spans>,
}

/// The kind of code in a scope.
#[derive(Clone)]
pub(crate) enum Place {
    /// A handler or the body of a context, which runs again on replay.
    Context(ContextKey),
    /// An attempt of a step, which does not run again.
    Step(Arc<StepScope>),
}

/// An attempt of a step.
pub(crate) struct StepScope {
    pub(crate) name: Option<String>,
    pub(crate) id: OperationId,
    pub(crate) attempt: u32,
}

impl Scope {
    /// Creates the scope of code that is in no span of a plugin.
    pub(crate) fn new(shared: Arc<Shared>, place: Place) -> Self {
        Self { shared, place, spans: None }
    }

    /// Polls a future in this scope: code of the user, or of the SDK that claims operations on its behalf. It must not
    /// panic.
    pub(crate) fn run<F: Future>(self, future: F) -> InScope<F> {
        InScope { scope: Some(self), future }
    }

    /// Polls code of the user in this scope, which is the current one meanwhile. A poll that panics must be caught inside.
    pub(crate) fn enter<R>(scope: &mut Option<Self>, poll: impl FnOnce() -> R) -> R {
        let spans = scope.as_ref().and_then(|scope| scope.spans.clone());
        let outer = CURRENT.replace(scope.take());
        let polled = match spans {
            None => poll(),
            Some(spans) => spans.enter(poll),
        };
        *scope = CURRENT.replace(outer);
        polled
    }
}

pin_project! {
    /// A future that is polled in a scope.
    pub(crate) struct InScope<F> {
        scope: Option<Scope>,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        Scope::enter(this.scope, || this.future.poll(cx))
    }
}

/// Where the code is that this thread is polling, if it is code of this execution.
pub(crate) fn current_place(shared: &Arc<Shared>) -> Option<Place> {
    if is_outside() {
        return None;
    }
    CURRENT.with_borrow(|scope| {
        let scope = scope.as_ref().filter(|scope| Arc::ptr_eq(&scope.shared, shared))?;
        Some(scope.place.clone())
    })
}

/// Where the code is that this thread is polling, if it is code of an execution.
pub(crate) fn current() -> Option<Scope> {
    if is_outside() { None } else { CURRENT.with_borrow(Clone::clone) }
}
