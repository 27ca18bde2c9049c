//! Compensations that are registered explicitly.

use super::SagaContext;
use crate::name::OperationName;
use crate::retry::RetryPolicy;

/// A registered compensation, returned by [`SagaContext::compensate`].
///
/// Use it to set options; dropping it has no effect.
pub struct Compensation<'c> {
    saga: SagaContext<'c>,
    name: OperationName<'c>,
    index: usize,
}

impl<'c> Compensation<'c> {
    pub(super) fn new(saga: SagaContext<'c>, name: OperationName<'c>, index: usize) -> Self {
        Self { saga, name, index }
    }

    /// Sets the retry policy of the compensation; defaults to that of the [saga](super::Saga::compensation_retry).
    pub fn retry(self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        let policy = policy.into();
        self.saga.check(&self.name, policy.problem("its retry strategy"));
        self.saga.compensations().amend(self.index, |entry| entry.retry = policy);
        self
    }
}
