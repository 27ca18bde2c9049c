//! Bodies of users, run so that a panic is an error and misuse is noticed.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use durable_types::ErrorObject;

use crate::error::{Error, Result, Subject};
use crate::panic::panicked;
use crate::scope::Scope;

/// Why a body did not succeed.
pub(crate) enum BodyError {
    /// It returned an error.
    Failed(Error),
    /// It panicked.
    Panicked(ErrorObject),
    /// It took longer than it may.
    TimedOut(Duration),
    /// The invocation ended while it ran.
    Interrupted(ErrorObject),
    /// It failed, and so did deciding what follows.
    Undecided(ErrorObject),
}

impl BodyError {
    /// The error that the body returned, if it did.
    pub(crate) fn returned(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Panicked(_) | Self::TimedOut(_) | Self::Interrupted(_) | Self::Undecided(_) => None,
        }
    }

    /// Calls a function of the user with the error, as the operation would fail with it if the body returned none.
    pub(crate) fn with_error<R>(&self, subject: Subject<'_>, f: impl FnOnce(&Error) -> R) -> R {
        match self.returned() {
            Some(error) => f(error),
            None => f(&subject.failed(self.to_error_object())),
        }
    }

    /// Whether the body may have done its work, although it did not succeed.
    pub(crate) fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::Panicked(_) | Self::TimedOut(_) | Self::Interrupted(_) => true,
            Self::Failed(_) | Self::Undecided(_) => false,
        }
    }

    pub(crate) fn to_error_object(&self) -> ErrorObject {
        match self {
            Self::Failed(error) => error.to_error_object(),
            Self::Panicked(error) | Self::Interrupted(error) | Self::Undecided(error) => error.clone(),
            Self::TimedOut(timeout) => {
                ErrorObject::new("StepTimeoutError", format!("the attempt took longer than {timeout:?}"))
            }
        }
    }
}

/// Runs the body of a step, for at most so long. While it is polled, operations are refused.
pub(crate) async fn run_step<T>(
    scope: Scope,
    timeout: Option<Duration>,
    body: impl Future<Output = Result<T>>,
) -> Result<T, BodyError> {
    let body = run_in(scope, body);
    match timeout {
        None => body.await,
        Some(timeout) => match tokio::time::timeout(timeout, body).await {
            Ok(result) => result,
            Err(_) => Err(BodyError::TimedOut(timeout)),
        },
    }
}

/// Runs the body of a context, or an attempt without a limit.
pub(crate) async fn run_in<T>(scope: Scope, body: impl Future<Output = Result<T>>) -> Result<T, BodyError> {
    let (mut scope, mut body) = (Some(scope), pin!(body));
    poll_fn(|cx| Scope::enter(&mut scope, || poll_caught(|| body.as_mut().poll(cx)))).await
}

/// Polls a body; a panic ends it as an error.
pub(crate) fn poll_caught<T>(poll: impl FnOnce() -> Poll<Result<T>>) -> Poll<Result<T, BodyError>> {
    // A body that panicked is never polled again, so nobody sees what it left half done.
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(polled) => polled.map_err(BodyError::Failed),
        Err(panic) => Poll::Ready(Err(BodyError::Panicked(panicked(panic.as_ref())))),
    }
}
