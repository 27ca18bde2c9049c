//! A compensation that was registered by hand.

use std::sync::Arc;

use durable_engine::RetryStrategy;

use super::compensations::Compensations;

/// A compensation that is registered; made by [`SagaContext::compensate`](super::SagaContext::compensate).
///
/// It is there for its options; nothing happens when it is dropped.
pub struct Compensation<'c> {
    compensations: Arc<Compensations<'c>>,
    index: usize,
}

impl<'c> Compensation<'c> {
    pub(super) fn new(compensations: Arc<Compensations<'c>>, index: usize) -> Self {
        Self { compensations, index }
    }

    /// When it is tried again if it fails; as the [saga](super::Saga::compensation_retry) says by default.
    pub fn retry(self, strategy: RetryStrategy) -> Self {
        self.compensations.amend(self.index, |entry| entry.retry = strategy);
        self
    }
}
