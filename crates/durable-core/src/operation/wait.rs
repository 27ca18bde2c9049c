//! Waiting: time that passes without an invocation.

use std::time::Duration;

use durable_engine::{NewOperation, Progress};

use super::OperationName;
use super::future::OperationFuture;
use super::handle::LiveHandle;
use crate::error::OperationError;
use crate::{DurableContext, Json, WaitError};

/// A wait to be awaited; made by [`DurableContext::wait`].
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'c> {
    pub(super) context: DurableContext,
    name: OperationName<'c>,
    duration: Duration,
}

impl<'c> Wait<'c> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, duration: Duration) -> Self {
        Self { context, name, duration }
    }
}

impl<'c> IntoFuture for Wait<'c> {
    type Output = Result<(), WaitError>;
    type IntoFuture = WaitFuture<'c>;

    fn into_future(self) -> WaitFuture<'c> {
        let Self { context, name, duration } = self;
        let seconds = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
        WaitFuture(match durable_types::validate::wait_seconds(seconds) {
            Ok(()) => OperationFuture::claim_unit(&context, name, NewOperation::Wait { seconds }, run),
            Err(violation) => {
                let problem = format!("its duration in seconds {}", violation.problem);
                OperationFuture::invalid(WaitError::invalid(name.as_deref(), problem))
            }
        })
    }
}

/// A wait that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct WaitFuture<'c>(OperationFuture<'c, (), WaitError>);

impl Future for WaitFuture<'_> {
    type Output = Result<(), WaitError>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(cx)
    }
}

/// Waits for the end of a wait that had not ended when this invocation came to it.
async fn run(name: OperationName<'_>, handle: LiveHandle) -> Result<(), WaitError> {
    loop {
        if let Progress::Settled(settled) = handle.progress().await {
            return handle.settle(&name, settled, Some(()), &Json).await;
        }
    }
}
