//! Waiting: time that passes without an invocation.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use durable_engine::{NewOperation, Progress, Settled};

use super::OperationName;
use super::handle::Handle;
use crate::{DurableContext, WaitError};

/// A wait to be awaited; made by [`DurableContext::wait`].
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'c> {
    context: &'c DurableContext,
    name: OperationName<'c>,
    duration: Duration,
}

impl<'c> Wait<'c> {
    pub(crate) fn new(context: &'c DurableContext, name: OperationName<'c>, duration: Duration) -> Self {
        Self { context, name, duration }
    }

    fn seconds(&self) -> Result<u64, WaitError> {
        let invalid = |problem| Err(WaitError::invalid(self.name.as_deref(), problem));
        if let Some(problem) = self.name.problem() {
            return invalid(problem);
        }
        let seconds = self.duration.as_secs().saturating_add(u64::from(self.duration.subsec_nanos() > 0));
        match durable_types::validate::wait_seconds(seconds) {
            Ok(()) => Ok(seconds),
            Err(violation) => invalid(format!("its duration in seconds {}", violation.problem)),
        }
    }
}

impl<'c> IntoFuture for Wait<'c> {
    type Output = Result<(), WaitError>;
    type IntoFuture = WaitFuture<'c>;

    fn into_future(self) -> WaitFuture<'c> {
        let handle = self
            .seconds()
            .map(|seconds| Handle::claim(self.context, &self.name, NewOperation::Wait { seconds }));
        WaitFuture { name: self.name, handle }
    }
}

/// A wait that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct WaitFuture<'c> {
    name: OperationName<'c>,
    handle: Result<Handle<'c>, WaitError>,
}

impl Future for WaitFuture<'_> {
    type Output = Result<(), WaitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let handle = match &mut this.handle {
            Ok(handle) => handle,
            Err(invalid) => return Poll::Ready(Err(invalid.clone())),
        };
        match handle.poll(cx) {
            Progress::Settled(Settled::Succeeded(_)) => Poll::Ready(Ok(())),
            Progress::Settled(Settled::Failed { status, error }) => {
                Poll::Ready(Err(WaitError::new(this.name.as_deref(), status, error)))
            }
            Progress::Pending | Progress::Run { .. } | Progress::Enter(_) => Poll::Pending,
        }
    }
}
