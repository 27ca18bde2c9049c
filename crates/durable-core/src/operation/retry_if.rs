//! Which errors may be tried again, as a predicate of the user says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use durable_engine::RetryStrategy;

use super::body::{BodyError, panicked};
use crate::Error;

/// Says whether an error may be tried again.
#[derive(Default)]
pub(super) struct RetryIf<'c>(Option<Predicate<'c>>);

type Predicate<'c> = Box<dyn Fn(&Error) -> bool + Send + Sync + 'c>;

impl<'c> RetryIf<'c> {
    pub(super) fn new(predicate: impl Fn(&Error) -> bool + Send + Sync + 'c) -> Self {
        Self(Some(Box::new(predicate)))
    }

    /// Whether an error may be tried again. A predicate that panics refuses, and its panic takes the place of the error.
    pub(super) fn ask(&self, error: BodyError) -> (BodyError, bool) {
        let (Some(predicate), Some(asked)) = (&self.0, error.error()) else { return (error, true) };
        match catch_unwind(AssertUnwindSafe(|| predicate(asked))) {
            Ok(may_retry) => (error, may_retry),
            Err(panic) => (BodyError::Panicked(panicked(panic.as_ref())), false),
        }
    }
}

/// What is wrong with the retry strategy of this subject, if anything is.
pub(super) fn retry_problem(subject: &str, strategy: &RetryStrategy) -> Option<String> {
    strategy.validate().err().map(|invalid| format!("{subject} is invalid: {invalid}"))
}
