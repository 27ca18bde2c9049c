//! Causes of errors, recorded as data in the errors that the SDK wraps around them.

use durable_types::ErrorObject;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::names::{NOT_COMPENSATED, SUBMITTER};

/// The cause of a failed saga or callback whose own error says something else: that compensations failed as well, or
/// that the submitter failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cause {
    failure: ErrorObject,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    compensations: Vec<FailedCompensation>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct FailedCompensation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    error: ErrorObject,
}

impl Cause {
    /// Returns the error to record for a callback whose submitter failed.
    pub(crate) fn of_submitter(error: &Error) -> ErrorObject {
        let failure = error.to_error_object();
        let message =
            format!("the submitter failed: {}", failure.error_message.as_deref().unwrap_or_default());
        Self { failure, compensations: Vec::new() }.recorded_as(SUBMITTER, message)
    }

    /// Returns the error to record for a saga that failed along with these compensations, if any.
    pub(crate) fn of_saga(failure: ErrorObject, compensations: &[Error]) -> ErrorObject {
        if compensations.is_empty() {
            return failure;
        }
        let text =
            |error: &Error| format!("`{}`: {}", error.operation_name().unwrap_or_default(), error.message());
        let texts: Vec<String> = compensations.iter().map(text).collect();
        let cause = failure.error_message.as_deref().unwrap_or_default();
        let message = format!("{cause}; compensations that failed: {}", texts.join(", "));
        let failed = |error: &Error| FailedCompensation {
            name: error.operation_name().map(str::to_owned),
            error: error.as_error_object().clone(),
        };
        let compensations = compensations.iter().map(failed).collect();
        Self { failure, compensations }.recorded_as(NOT_COMPENSATED, message)
    }

    /// Reads the cause from the data of an error, if it has one.
    pub(super) fn read(error: &ErrorObject) -> Option<Self> {
        let has_cause =
            error.error_type.as_deref().is_some_and(|it| [SUBMITTER, NOT_COMPENSATED].contains(&it));
        let data = error.error_data.as_deref().filter(|_| has_cause)?;
        serde_json::from_str(data).ok()
    }

    /// Returns the underlying failure, and the name and error of each failed compensation.
    pub(super) fn into_parts(self) -> (ErrorObject, Vec<(Option<String>, ErrorObject)>) {
        let failed = self.compensations.into_iter().map(|it| (it.name, it.error));
        (self.failure, failed.collect())
    }

    fn recorded_as(&self, error_type: &str, message: String) -> ErrorObject {
        let mut error = ErrorObject::new(error_type, message);
        error.error_data = serde_json::to_string(self).ok();
        error
    }
}
