//! What a saga fails with: the failure, and what of it could not be undone.

use std::error::Error as StdError;
use std::fmt;

use durable_types::{ErrorObject, OperationStatus};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StepError;
use super::operation::{OperationError, downcast};

/// The type of the error of a saga whose compensations did not all succeed.
const NOT_COMPENSATED: &str = "SagaCompensationError";

/// A saga failed: what it failed with, once every compensation has run.
///
/// It tells of the failure of the body as other errors of operations do. Ask it, too, whether what had succeeded before
/// was undone.
///
/// ```
/// # use durable_core::{SagaError, StepError};
/// fn report(error: &SagaError) -> String {
///     if error.is_compensated() {
///         return format!("nothing was booked: {error}");
///     }
///     let left: Vec<_> = error.failed_compensations().iter().filter_map(StepError::operation_name).collect();
///     format!("call the agency about {}", left.join(", "))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    name: Option<String>,
    status: OperationStatus,
    recorded: ErrorObject,
    /// What else is recorded, if some compensations failed and the record was not cut.
    told: Option<(ErrorObject, Vec<StepError>)>,
}

/// What is recorded as data if some compensations failed.
#[derive(Serialize, Deserialize)]
struct Told {
    failure: ErrorObject,
    compensations: Vec<FailedCompensation>,
}

#[derive(Serialize, Deserialize)]
struct FailedCompensation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    error: ErrorObject,
}

impl SagaError {
    /// The name of the saga.
    pub fn operation_name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// How the saga ended: failed, unless its end was not its own.
    pub fn status(&self) -> &OperationStatus {
        &self.0.status
    }

    /// The name of the type of the error that the body failed with.
    pub fn error_type(&self) -> Option<&str> {
        self.failure().error_type.as_deref()
    }

    /// The message of that error, with its causes.
    pub fn message(&self) -> Option<&str> {
        self.failure().error_message.as_deref()
    }

    /// The data of that error: JSON, if it was recorded whole.
    pub fn data(&self) -> Option<&str> {
        self.failure().error_data.as_deref()
    }

    /// That error itself, if it is of this type and was recorded whole; see [`Error::typed`](crate::Error::typed).
    ///
    /// If the body failed with the error of an operation, this is what that failed with.
    pub fn downcast<E: DeserializeOwned>(&self) -> Option<E> {
        downcast(self.failure())
    }

    /// Whether every compensation succeeded, so that nothing is left of what the saga did.
    pub fn is_compensated(&self) -> bool {
        self.0.recorded.error_type.as_deref() != Some(NOT_COMPENSATED)
    }

    /// The compensations that failed for good, in the order in which they ran.
    pub fn failed_compensations(&self) -> &[StepError] {
        self.0.told.as_ref().map_or(&[], |(_, compensations)| compensations)
    }

    /// The error as the service recorded it.
    pub fn as_error_object(&self) -> &ErrorObject {
        &self.0.recorded
    }

    /// What is recorded of a saga that failed, and of the compensations that did.
    pub(crate) fn to_record(failure: ErrorObject, compensations: &[StepError]) -> ErrorObject {
        if compensations.is_empty() {
            return failure;
        }
        let text = |error: &StepError| {
            format!("`{}`: {}", error.operation_name().unwrap_or_default(), error.as_error_object())
        };
        let failed: Vec<String> = compensations.iter().map(text).collect();
        let message = format!("{failure}; compensations that failed: {}", failed.join(", "));
        let failed = |error: &StepError| FailedCompensation {
            name: error.operation_name().map(str::to_owned),
            error: error.as_error_object().clone(),
        };
        let told = Told { failure, compensations: compensations.iter().map(failed).collect() };
        let error_data = serde_json::to_string(&told).ok();
        ErrorObject { error_data, ..ErrorObject::new(NOT_COMPENSATED, message) }
    }

    fn failure(&self) -> &ErrorObject {
        self.0.told.as_ref().map_or(&self.0.recorded, |(failure, _)| failure)
    }
}

impl OperationError for SagaError {
    fn recorded(name: Option<&str>, status: OperationStatus, error: ErrorObject) -> Self {
        let is_told = error.error_type.as_deref() == Some(NOT_COMPENSATED);
        let data = error.error_data.as_deref().filter(|_| is_told);
        let told = data.and_then(|data| serde_json::from_str::<Told>(data).ok());
        let told = told.map(|Told { failure, compensations }| {
            let failed = |it: FailedCompensation| {
                StepError::recorded(it.name.as_deref(), OperationStatus::Failed, it.error)
            };
            (failure, compensations.into_iter().map(failed).collect())
        });
        Self(Box::new(Inner { name: name.map(str::to_owned), status, recorded: error, told }))
    }
}

impl fmt::Display for SagaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("saga")?;
        if let Some(name) = self.operation_name() {
            write!(f, " `{name}`")?;
        }
        match self.status() {
            OperationStatus::Failed => f.write_str(" failed: ")?,
            status => write!(f, " ended as {status}: ")?,
        }
        // The message of the record names the compensations; its type would only say so again.
        match self.0.recorded.error_message.as_deref().filter(|_| !self.is_compensated()) {
            Some(message) => f.write_str(message),
            None => fmt::Display::fmt(&self.0.recorded, f),
        }
    }
}

impl StdError for SagaError {}
