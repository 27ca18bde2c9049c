//! SendDurableExecutionCallbackHeartbeat: restarts the heartbeat timeout of a callback.

use serde::{Deserialize, Serialize};

use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [SendDurableExecutionCallbackHeartbeat].
///
/// The callback id is part of the path; the body is empty.
///
/// [SendDurableExecutionCallbackHeartbeat]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackHeartbeat.html
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackHeartbeatRequest {
    /// The id of the callback.
    pub callback_id: String,
}

impl CallbackHeartbeatRequest {
    /// Creates a heartbeat for a callback.
    pub fn new(callback_id: impl Into<String>) -> Self {
        Self { callback_id: callback_id.into() }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("CallbackId", &TextRule::CALLBACK_ID, &self.callback_id);
        check.finish()
    }
}

/// The response of [SendDurableExecutionCallbackHeartbeat], which is empty.
///
/// [SendDurableExecutionCallbackHeartbeat]: https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackHeartbeat.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallbackHeartbeatResponse {}
