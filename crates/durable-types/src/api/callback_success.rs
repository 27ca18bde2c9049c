//! SendDurableExecutionCallbackSuccess: answers a callback with a result.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_OPERATION_PAYLOAD_BYTES;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [SendDurableExecutionCallbackSuccess].
///
/// The id travels in the path. The body is the result itself, byte by byte. `Debug` does not show it.
///
/// [SendDurableExecutionCallbackSuccess]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackSuccessRequest {
    /// The callback.
    pub callback_id: String,
    /// The result, any bytes; none is an empty body.
    pub result: Option<Vec<u8>>,
}

impl CallbackSuccessRequest {
    /// Creates a request that answers a callback with a result, or with an empty one.
    pub fn new(callback_id: impl Into<String>, result: Option<Vec<u8>>) -> Self {
        Self { callback_id: callback_id.into(), result }
    }

    /// Finds every rule this request breaks.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("CallbackId", &TextRule::CALLBACK_ID, &self.callback_id);
        check.payload("Result", self.result.as_deref(), MAX_OPERATION_PAYLOAD_BYTES);
        check.finish()
    }
}

/// The response of [SendDurableExecutionCallbackSuccess], which says nothing.
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
