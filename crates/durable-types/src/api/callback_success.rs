//! SendDurableExecutionCallbackSuccess: completes a callback with a result.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_OPERATION_PAYLOAD_BYTES;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [SendDurableExecutionCallbackSuccess].
///
/// The callback id is part of the path. The body is the raw result, which `Debug` output redacts.
///
/// [SendDurableExecutionCallbackSuccess]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackSuccessRequest {
    /// The id of the callback.
    pub callback_id: String,
    /// The result, as arbitrary bytes; `None` is an empty body.
    pub result: Option<Vec<u8>>,
}

impl CallbackSuccessRequest {
    /// Creates a request that completes a callback with a result, or with an empty one.
    pub fn new(callback_id: impl Into<String>, result: Option<Vec<u8>>) -> Self {
        Self { callback_id: callback_id.into(), result }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("CallbackId", &TextRule::CALLBACK_ID, &self.callback_id);
        check.payload("Result", self.result.as_deref(), MAX_OPERATION_PAYLOAD_BYTES);
        check.finish()
    }
}

/// The response of [SendDurableExecutionCallbackSuccess], which is empty.
///
/// [SendDurableExecutionCallbackSuccess]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallbackSuccessResponse {}

impl fmt::Debug for CallbackSuccessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSuccessRequest")
            .field("callback_id", &self.callback_id)
            .field("result_bytes", &self.result.as_ref().map(Vec::len))
            .finish()
    }
}
