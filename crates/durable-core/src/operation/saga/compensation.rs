//! A compensation that was registered by hand.

use super::SagaContext;
use crate::name::OperationName;
use crate::retry::RetryPolicy;

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
    pub fn retry(self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        let policy = policy.into();
        self.saga.check(&self.name, policy.problem("its retry strategy"));
        self.saga.compensations().amend(self.index, |entry| entry.retry = policy);
        self
    }
}
