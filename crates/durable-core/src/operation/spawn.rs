//! Operations that run concurrently with the handler.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use super::callback::CreateCallback;
use super::child_context::ChildContext;
use super::invoke::Invoke;
use super::map::Map;
use super::parallel::Parallel;
use super::saga::{CompensatedStep, Saga};
use super::step::Step;
use super::wait::Wait;
use super::wait_for_callback::WaitForCallback;
use super::wait_for_condition::WaitForCondition;
use super::with_retry::WithRetry;
use crate::context::DurableContext;
use crate::future_set::{Giver, Taker, handoff};
use crate::live::awaited_again;
use crate::name::{OperationName, UNNAMED};
use crate::panic::panicked;

/// What all operations have in common: they can be awaited or spawned.
///
/// ```
/// use std::time::Duration;
/// use durable_core::{DurableContext, Result};
/// use durable_core::operation::Operation;
///
/// # async fn render(order: String) -> Result<String> { Ok(order) }
/// async fn handler(order: String, ctx: DurableContext) -> Result<String> {
///     let invoice = ctx.step("invoice", move |_| render(order.clone())).spawn();
///     ctx.wait("settle", Duration::from_secs(60)).await?;
///     invoice.await
/// }
/// ```
pub trait Operation: IntoFuture + in_context::InContext + Sized {
    /// Starts the operation now and runs it concurrently with the handler, whether or not its handle is awaited.
    ///
    /// The operation claims its id here, in the order of the code. Its bodies must own what they use; to run operations
    /// concurrently that borrow from the handler, use [`join!`](crate::join!), [`map`](DurableContext::map) or
    /// [`parallel`](DurableContext::parallel). The operation is dropped when the returned handle is dropped or the
    /// handler ends, so await every operation that must complete.
    ///
    /// Write a body that owns its captures as a closure that returns a block, `move |_| async move { .. }`, or that
    /// calls an async function. An `async move` closure lends its captures to the future it returns, so it could not
    /// run again.
    fn spawn(self) -> Spawned<Self::Output>
    where
        Self::IntoFuture: Send + 'static,
        Self::Output: Send + 'static,
    {
        let (context, name) = (self.context().clone(), self.name().map(str::to_owned));
        let (giver, taker) = handoff();
        let task = run(context.clone(), self.into_future(), giver);
        context.shared().spawn(Box::pin(task));
        Spawned { output: Some(taker), context, name: name.map_or(UNNAMED, Into::into) }
    }
}

/// The handle of a spawned operation; a future of its result. Dropping it drops the operation.
///
/// The operation ends at the latest with the context in which it was started. Awaiting the handle after that fails the
/// execution with `ContextMisuseError`.
#[must_use = "dropping it drops the operation"]
pub struct Spawned<T> {
    /// `None` once the result has been returned.
    output: Option<Taker<T>>,
    context: DurableContext,
    name: OperationName<'static>,
}

impl<T> fmt::Debug for Spawned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawned").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<T> Future for Spawned<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(taker) = &self.output else {
            return awaited_again("spawned operation", &self.name);
        };
        let output = ready!(taker.poll(cx));
        self.output = None;
        if let Some(output) = output {
            return Poll::Ready(output);
        }
        let operation = format!("operation `{}`", self.name.as_deref().unwrap_or_default());
        let context = self.context.key();
        self.context.shared().with(|engine| engine.handle_orphan_awaited(context, &operation));
        Poll::Pending
    }
}

/// Drives an operation until it ends, its handle is dropped, or its context ends.
async fn run<F: Future>(context: DurableContext, operation: F, giver: Giver<F::Output>) {
    let mut operation = pin!(operation);
    let polled = poll_fn(|cx| {
        if giver.poll_unwanted(cx).is_ready() || context.has_ended() {
            return Poll::Ready(Ok(None));
        }
        // An operation that panicked is never polled again, so its broken invariants cannot be observed.
        match catch_unwind(AssertUnwindSafe(|| operation.as_mut().poll(cx))) {
            Ok(polled) => polled.map(|output| Ok(Some(output))),
            Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()))),
        }
    });
    match polled.await {
        Ok(Some(output)) => giver.give(output),
        Ok(None) => {}
        Err(panic) => context.shared().with(|engine| engine.handle_handler_finished(Err(panic))),
    }
}

mod in_context {
    use crate::context::DurableContext;

    /// An operation that has not started.
    pub trait InContext {
        /// Returns the context in which it will start.
        fn context(&self) -> &DurableContext;

        /// Returns the name of the operation.
        fn name(&self) -> Option<&str>;
    }
}

/// Implements `Operation` for builders.
macro_rules! operations {
    ($($builder:ident<'c $(, $parameter:ident $(: $bound:path)?)*>;)+) => {$(
        impl<'c $(, $parameter $(: $bound)?)*> in_context::InContext for $builder<'c $(, $parameter)*> {
            fn context(&self) -> &DurableContext {
                &self.context
            }

            fn name(&self) -> Option<&str> {
                self.name.as_deref()
            }
        }

        impl<'c $(, $parameter $(: $bound)?)*> Operation for $builder<'c $(, $parameter)*> where Self: IntoFuture {}
    )+};
}

operations! {
    Step<'c, T, F>;
    Wait<'c>;
    ChildContext<'c, T, F>;
    CreateCallback<'c, T>;
    WaitForCallback<'c, T, F>;
    Invoke<'c, T, P>;
    WaitForCondition<'c, I, T, F>;
    Map<'c, I: IntoIterator, T, F>;
    Parallel<'c, T>;
    WithRetry<'c, T, F>;
    Saga<'c, T, F>;
}

// Outside of the macro because this builder has two lifetimes: it may borrow from two places.
impl<T, F> in_context::InContext for CompensatedStep<'_, '_, T, F> {
    fn context(&self) -> &DurableContext {
        self.context()
    }

    fn name(&self) -> Option<&str> {
        self.name()
    }
}

impl<T, F> Operation for CompensatedStep<'_, '_, T, F> where Self: IntoFuture {}
