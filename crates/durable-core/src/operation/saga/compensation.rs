//! A compensation that was registered by hand.

use durable_engine::RetryStrategy;

use super::SagaContext;
use crate::operation::OperationName;
use crate::operation::retry_if::retry_problem;

/// A compensation that is registered; made by [`SagaContext::compensate`].
///
/// It exists for its options; dropping it does nothing.
pub struct Compensation<'c> {
    saga: SagaContext<'c>,
    name: OperationName<'c>,
    index: usize,
}

impl<'c> Compensation<'c> {
    pub(super) fn new(saga: SagaContext<'c>, name: OperationName<'c>, index: usize) -> Self {
        Self { saga, name, index }
    }

    /// Sets when a failed attempt at it is followed by another; as the [saga](super::Saga::compensation_retry) says by
    /// default.
    pub fn retry(self, strategy: impl Into<RetryStrategy>) -> Self {
        let strategy = strategy.into();
        self.saga.check(&self.name, retry_problem("its retry strategy", &strategy));
        self.saga.compensations().amend(self.index, |entry| entry.retry = strategy);
        self
    }
}
