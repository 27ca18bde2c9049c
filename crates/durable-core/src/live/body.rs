//! User bodies, run so that a panic becomes an error and misuse is detected.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use durable_types::ErrorObject;
use pin_project_lite::pin_project;
use tokio::time::Timeout;

use crate::error::{Error, Result, Subject};
use crate::panic::panicked;
use crate::plugin::ObservedAttempt;
use crate::scope::Scope;

/// The reason why a body did not succeed.
pub(crate) enum BodyError {
    /// It returned an error.
    Failed(Error),
    /// It panicked.
    Panicked(ErrorObject),
    /// It exceeded its time limit.
    TimedOut(Duration),
    /// The invocation ended while it ran.
    Interrupted(ErrorObject),
    /// It failed, and deciding whether to retry failed as well.
    Undecided(ErrorObject),
}

impl BodyError {
    /// Returns the error that the body returned, if it returned one.
    pub(crate) fn returned(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Panicked(_) | Self::TimedOut(_) | Self::Interrupted(_) | Self::Undecided(_) => None,
        }
    }

    /// Calls a user function with the error. If the body did not return one, it is the error that the operation would
    /// fail with.
    pub(crate) fn with_error<R>(&self, subject: Subject<'_>, f: impl FnOnce(&Error) -> R) -> R {
        match self.returned() {
            Some(error) => f(error),
            None => f(&subject.failed(self.to_error_object())),
        }
    }

    /// Returns whether the body may have taken effect although it did not succeed.
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

/// Runs the body of a step, within a time limit if there is one. Operations are rejected while it is polled.
pub(crate) fn run_step<T>(
    mut scope: Scope,
    timeout: Option<Duration>,
    body: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T, BodyError>> {
    let attempt = ObservedAttempt::start(&mut scope);
    Observed { attempt, body: Limited::new(timeout, scope.run(Caught { body })) }
}

/// Runs the body of a context, or an attempt without a time limit. The future must be polled at once.
pub(crate) fn run_in<T>(
    mut scope: Scope,
    body: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T, BodyError>> {
    let attempt = ObservedAttempt::start(&mut scope);
    Observed { attempt, body: scope.run(Caught { body }) }
}

pin_project! {
    /// A body within a time limit, if there is one.
    #[project = LimitedProjection]
    enum Limited<F> {
        Never {
            #[pin]
            body: F,
        },
        After {
            #[pin]
            body: Timeout<F>,
            limit: Duration,
        },
    }
}

impl<F: Future> Limited<F> {
    fn new(limit: Option<Duration>, body: F) -> Self {
        match limit {
            None => Self::Never { body },
            Some(limit) => Self::After { body: tokio::time::timeout(limit, body), limit },
        }
    }
}

impl<T, F: Future<Output = Result<T, BodyError>>> Future for Limited<F> {
    type Output = Result<T, BodyError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            LimitedProjection::Never { body } => body.poll(cx),
            LimitedProjection::After { body, limit } => {
                body.poll(cx).map(|ended| ended.unwrap_or(Err(BodyError::TimedOut(*limit))))
            }
        }
    }
}

pin_project! {
    /// A body of whose end plugins are notified.
    struct Observed<F> {
        attempt: Option<Box<ObservedAttempt>>,
        #[pin]
        body: F,
    }
}

impl<T, F: Future<Output = Result<T, BodyError>>> Future for Observed<F> {
    type Output = Result<T, BodyError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let ended = ready!(this.body.poll(cx));
        if let Some(attempt) = this.attempt.take() {
            let error = ended.as_ref().err().map(BodyError::to_error_object);
            attempt.end(error.as_ref());
        }
        Poll::Ready(ended)
    }
}

pin_project! {
    /// A body that ends with an error if it panics.
    struct Caught<F> {
        #[pin]
        body: F,
    }
}

impl<T, F: Future<Output = Result<T>>> Future for Caught<F> {
    type Output = Result<T, BodyError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let body = self.project().body;
        // A body that panicked is never polled again, so its broken invariants cannot be observed.
        match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
            Ok(polled) => polled.map_err(BodyError::Failed),
            Err(panic) => Poll::Ready(Err(BodyError::Panicked(panicked(panic.as_ref())))),
        }
    }
}
