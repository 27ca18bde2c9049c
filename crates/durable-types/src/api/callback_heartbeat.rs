//! SendDurableExecutionCallbackHeartbeat: says that the answer to a callback is still on its way.

use serde::{Deserialize, Serialize};

use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [SendDurableExecutionCallbackHeartbeat].
///
/// The id travels in the path; the body is empty.
///
/// [SendDurableExecutionCallbackHeartbeat]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackHeartbeat.html
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackHeartbeatRequest {
    /// The callback.
    pub callback_id: String,
}

impl CallbackHeartbeatRequest {
    /// Creates a heartbeat of a callback.
    pub fn new(callback_id: impl Into<String>) -> Self {
        Self { callback_id: callback_id.into() }
    }

    /// Finds every rule this request breaks.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("CallbackId", &TextRule::CALLBACK_ID, &self.callback_id);
        check.finish()
    }
}

/// The response of [SendDurableExecutionCallbackHeartbeat], which says nothing.
///
/// [SendDurableExecutionCallbackHeartbeat]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackHeartbeat.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallbackHeartbeatResponse {}
