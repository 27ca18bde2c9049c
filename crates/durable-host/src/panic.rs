//! Turns panics of futures into errors, so that whatever awaits them gets a result.

use std::any::Any;
use std::future::poll_fn;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use thiserror::Error;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("panicked: {message}")]
pub struct Panicked {
    /// The message of the panic.
    message: String,
}

/// Runs a future to its end, or to its panic.
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
    /// Reads the payload of a panic.
    pub(crate) fn new(panic: Box<dyn Any + Send>) -> Self {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let message = message.to_owned();
        // The payload may panic as well when it is dropped.
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            forget(another);
        }
        Self { message }
    }
}
