//! SendDurableExecutionCallbackFailure: completes a callback with an error.

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [SendDurableExecutionCallbackFailure].
///
/// The callback id is part of the path. The body is the error itself, or empty.
///
/// [SendDurableExecutionCallbackFailure]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackFailure.html
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct CallbackFailureRequest {
    /// The id of the callback.
    #[serde(default, skip)]
    pub callback_id: String,
    /// The error.
    pub error: Option<ErrorObject>,
}

impl CallbackFailureRequest {
    /// Creates a request that completes a callback with an error, or with an empty one.
    pub fn new(callback_id: impl Into<String>, error: Option<ErrorObject>) -> Self {
        Self { callback_id: callback_id.into(), error }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("CallbackId", &TextRule::CALLBACK_ID, &self.callback_id);
        check.error(self.error.as_ref());
        check.finish()
    }
}

/// The response of [SendDurableExecutionCallbackFailure], which is empty.
///
/// [SendDurableExecutionCallbackFailure]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackFailure.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallbackFailureResponse {}
