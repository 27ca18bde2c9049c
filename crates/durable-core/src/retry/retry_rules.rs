//! The retry options of an operation, and the decision about a failed attempt.

use durable_engine::RetryDecision;

use super::checked_decision::checked_decision;
use super::failed_attempt::FailedAttempt;
use super::retry_policy::RetryPolicy;
use crate::error::Error;
use crate::live::BodyError;

/// The rules by which failed attempts of an operation are retried.
#[derive(Default)]
pub(crate) struct RetryRules<'c> {
    pub(crate) policy: RetryPolicy<'c>,
    predicate: Option<Predicate<'c>>,
}

type Predicate<'c> = Box<dyn Fn(&Error) -> bool + Send + Sync + 'c>;

impl<'c> RetryRules<'c> {
    /// Sets the predicate that says which errors may be retried.
    pub(crate) fn retry_if(&mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'c) {
        self.predicate = Some(Box::new(predicate));
    }

    /// Returns what is wrong with the rules, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        self.policy.problem("its retry strategy")
    }

    /// Decides whether the attempt is retried. If deciding fails, that error replaces the error of the attempt.
    pub(crate) fn decide(&self, failed: &FailedAttempt<'_>) -> Result<RetryDecision, BodyError> {
        let decide =
            || if self.permit(failed.error) { self.policy.decide(failed) } else { RetryDecision::Stop };
        let happened =
            || format!("attempt {}, which failed with {},", failed.attempt, failed.error.to_error_object());
        checked_decision(decide, happened).map_err(BodyError::Undecided)
    }

    /// Returns whether the predicate permits a retry. It is called only for errors that a body returned.
    fn permit(&self, error: &BodyError) -> bool {
        match (&self.predicate, error.returned()) {
            (Some(predicate), Some(error)) => predicate(error),
            (Some(_) | None, _) => true,
        }
    }
}
