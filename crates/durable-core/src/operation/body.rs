//! Bodies of users, run so that a panic is an error and misuse is noticed.

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use durable_types::ErrorObject;

use crate::{Error, Result};

thread_local! {
    /// The step whose body this thread is polling.
    static POLLED_STEP: RefCell<Option<Box<str>>> = const { RefCell::new(None) };
}

/// The name of the step whose body is being polled by this thread, if there is one.
pub(crate) fn step_being_polled() -> Option<Box<str>> {
    POLLED_STEP.with_borrow(Clone::clone)
}

/// Why a body did not succeed.
pub(crate) enum BodyError {
    /// It returned an error.
    Failed(Error),
    /// It panicked.
    Panicked(ErrorObject),
    /// It took longer than it may.
    TimedOut(Duration),
}

impl BodyError {
    /// The error that the body returned, if it did.
    pub(crate) fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Panicked(_) | Self::TimedOut(_) => None,
        }
    }

    pub(crate) fn to_error_object(&self) -> ErrorObject {
        match self {
            Self::Failed(error) => error.to_error_object(),
            Self::Panicked(error) => error.clone(),
            Self::TimedOut(timeout) => {
                ErrorObject::new("StepTimeoutError", format!("the attempt took longer than {timeout:?}"))
            }
        }
    }
}

/// Runs the body of a step, for at most so long. While it is polled, operations are refused.
pub(crate) async fn run_step<T>(
    name: Option<&str>,
    timeout: Option<Duration>,
    body: impl Future<Output = Result<T>>,
) -> Result<T, BodyError> {
    let mut body = pin!(body);
    let name = name.unwrap_or("without a name");
    let guarded = poll_fn(|cx| {
        let outer = POLLED_STEP.replace(Some(name.into()));
        let polled = poll_caught(body.as_mut(), cx);
        POLLED_STEP.set(outer);
        polled
    });
    match timeout {
        None => guarded.await,
        Some(timeout) => match tokio::time::timeout(timeout, guarded).await {
            Ok(result) => result,
            Err(_) => Err(BodyError::TimedOut(timeout)),
        },
    }
}

/// Runs the body of a context.
pub(crate) async fn run_body<T>(body: impl Future<Output = Result<T>>) -> Result<T, BodyError> {
    let mut body = pin!(body);
    poll_fn(|cx| poll_caught(body.as_mut(), cx)).await
}

/// Polls a body; a panic ends it as an error.
fn poll_caught<T>(
    body: Pin<&mut impl Future<Output = Result<T>>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, BodyError>> {
    // A body that panicked is never polled again, so nobody sees what it left half done.
    match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
        Ok(polled) => polled.map_err(BodyError::Failed),
        Err(panic) => Poll::Ready(Err(BodyError::Panicked(panicked(panic.as_ref())))),
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
