//! Bodies of users, polled so that a panic is an error and misuse is noticed.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use durable_types::ErrorObject;

use crate::Result;

thread_local! {
    /// The step whose body this thread is polling.
    static POLLED_STEP: RefCell<Option<Box<str>>> = const { RefCell::new(None) };
}

/// The name of the step whose body is being polled by this thread, if there is one.
pub(crate) fn step_being_polled() -> Option<Box<str>> {
    POLLED_STEP.with_borrow(Clone::clone)
}

/// Polls the body of a step. While it is polled, operations are refused.
pub(crate) fn poll_step<T>(
    name: &str,
    body: Pin<&mut impl Future<Output = Result<T>>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, ErrorObject>> {
    let outer = POLLED_STEP.replace(Some(name.into()));
    let polled = poll_caught(body, cx);
    POLLED_STEP.set(outer);
    polled
}

/// Polls a body; a panic ends it as an error.
pub(crate) fn poll_caught<T>(
    body: Pin<&mut impl Future<Output = Result<T>>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, ErrorObject>> {
    // A body that panicked is dropped and never polled again, so nobody sees what it left half done.
    match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
        Ok(polled) => polled.map_err(|error| error.to_error_object()),
        Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()))),
    }
}

/// What is recorded of a panic.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> ErrorObject {
    let message = panic
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned());
    ErrorObject::new("Panic", message)
}
