//! Converts panics of futures into errors, so that whoever awaits such a future gets a result.

use std::any::Any;
use std::future::poll_fn;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use thiserror::Error;

/// A caught panic.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("panicked: {message}")]
pub struct Panicked {
    /// The panic message.
    message: String,
}

/// Runs a future to completion, and returns an error if it panics.
pub async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // A future that panicked is dropped and never polled again.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(Panicked::new(panic))),
        }
    })
    .await
}

impl Panicked {
    /// Extracts the message from the payload of a panic.
    pub(crate) fn new(panic: Box<dyn Any + Send>) -> Self {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let message = message.to_owned();
        // Dropping the payload may panic as well.
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            forget(another);
        }
        Self { message }
    }
}
