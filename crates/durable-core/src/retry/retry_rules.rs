//! The decision about a failed attempt, as the options of its operation say.

use durable_engine::{OperationId, RetryDecision};

use super::checked_decision::checked_decision;
use crate::error::{Error, Subject};
use crate::live::BodyError;
use crate::retry::RetryPolicy;

/// When failed attempts of one operation are followed by others.
#[derive(Default)]
pub(crate) struct RetryRules<'c> {
    pub(crate) policy: RetryPolicy<'c>,
    predicate: Option<Predicate<'c>>,
}

type Predicate<'c> = Box<dyn Fn(&Error) -> bool + Send + Sync + 'c>;

/// An attempt that failed.
pub(crate) struct FailedAttempt<'a> {
    pub(crate) execution_arn: &'a str,
    pub(crate) operation: OperationId,
    /// The first is 1.
    pub(crate) attempt: u32,
    pub(crate) error: &'a BodyError,
    pub(crate) subject: Subject<'a>,
}

impl<'c> RetryRules<'c> {
    /// Sets which errors may be followed by another attempt.
    pub(crate) fn retry_if(&mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'c) {
        self.predicate = Some(Box::new(predicate));
    }

    /// What is wrong with the rules, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        self.policy.problem("its retry strategy")
    }

    /// Whether the attempt is followed by another. If that cannot be decided, the reason takes the place of the error.
    pub(crate) fn decide(&self, failed: &FailedAttempt<'_>) -> Result<RetryDecision, BodyError> {
        let decide =
            || if self.permit(failed.error) { self.policy.decide(failed) } else { RetryDecision::Stop };
        let happened =
            || format!("attempt {}, which failed with {},", failed.attempt, failed.error.to_error_object());
        checked_decision(decide, happened).map_err(BodyError::Undecided)
    }

    /// Whether the predicate lets this error be followed by another attempt. It is asked about errors that a body
    /// returned.
    fn permit(&self, error: &BodyError) -> bool {
        match (&self.predicate, error.returned()) {
            (Some(predicate), Some(error)) => predicate(error),
            (Some(_) | None, _) => true,
        }
    }
}
