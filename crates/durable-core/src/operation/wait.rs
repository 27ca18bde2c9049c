//! Waiting: time that passes without an invocation.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use durable_engine::{NewOperation, Progress};

use super::OperationName;
use super::future::{OperationFuture, settle};
use super::handle::LiveHandle;
use crate::error::OperationError;
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
        WaitFuture(match self.seconds() {
            Err(invalid) => OperationFuture::invalid(self.name, invalid),
            Ok(seconds) => {
                let live_name = self.name.clone();
                let live = |handle| LiveWait { name: live_name, handle };
                OperationFuture::claim(self.context, self.name, NewOperation::Wait { seconds }, live)
            }
        })
    }
}

/// A wait that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct WaitFuture<'c>(OperationFuture<'c, (), WaitError>);

impl Future for WaitFuture<'_> {
    type Output = Result<(), WaitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// A wait that had not ended when this invocation came to it.
struct LiveWait<'c> {
    name: OperationName<'c>,
    handle: LiveHandle<'c>,
}

impl Future for LiveWait<'_> {
    type Output = Result<(), WaitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.handle.poll(cx) {
            Progress::Settled(settled) => Poll::Ready(settle(&self.name, settled, None)),
            Progress::Pending | Progress::Run { .. } | Progress::Enter(_) => Poll::Pending,
        }
    }
}
