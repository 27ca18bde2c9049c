//! The kinds of payloads that an operation has.

use std::fmt;

/// The payload of an operation that a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadKind {
    /// The result of an operation, or the answer to a callback.
    Result,
    /// The state that a [condition](crate::DurableContext::wait_for_condition) passes from check to check.
    State,
    /// The payload that an invoked function receives.
    InvokePayload,
    /// The result of the handler.
    Output,
}

impl PayloadKind {
    /// Returns the name of the kind in AWS's SDKs, such as `INVOKE_PAYLOAD`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Result => "RESULT",
            Self::State => "STATE",
            Self::InvokePayload => "INVOKE_PAYLOAD",
            Self::Output => "OUTPUT",
        }
    }
}

impl fmt::Display for PayloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
