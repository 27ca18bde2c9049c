//! The payloads in the details of events.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::redacted::redacted;

macro_rules! event_payload {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The data; `None` if there is none or it was omitted.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub payload: Option<String>,
            /// Whether the data was omitted from the response.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub truncated: Option<bool>,
        }

        impl From<Option<String>> for $name {
            fn from(payload: Option<String>) -> Self {
                Self { payload, truncated: Some(false) }
            }
        }

        impl $name {
            /// Returns a copy without the data, for responses without execution data.
            #[must_use]
            pub fn truncate(self) -> Self {
                Self { payload: None, truncated: Some(true) }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("payload", &redacted(&self.payload))
                    .field("truncated", &self.truncated)
                    .finish()
            }
        }
    };
}

event_payload! {
    /// An input.
    EventInput
}
event_payload! {
    /// A result.
    EventResult
}
event_payload! {
    /// The reason of a pause or a resumption (`EventPauseReason` and `EventResumeReason` in the Lambda API).
    EventReason
}

/// An error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EventError {
    /// The error; `None` if there is none or it was omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<ErrorObject>,
    /// Whether the error was omitted from the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

impl EventError {
    /// Returns a copy without the data, for responses without execution data.
    #[must_use]
    pub fn truncate(self) -> Self {
        Self { payload: None, truncated: Some(true) }
    }
}

impl From<Option<ErrorObject>> for EventError {
    fn from(payload: Option<ErrorObject>) -> Self {
        Self { payload, truncated: Some(false) }
    }
}

impl From<ErrorObject> for EventError {
    fn from(error: ErrorObject) -> Self {
        Some(error).into()
    }
}

/// An attempt of a step, and the delay before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RetryDetails {
    /// The number of the attempt that ended, counting from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_attempt: Option<u32>,
    /// The delay before the next attempt in seconds, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_delay_seconds: Option<u64>,
}

impl RetryDetails {
    /// Creates the details of an attempt, with the delay before the next one in seconds.
    pub fn new(current_attempt: u32, next_attempt_delay_seconds: Option<u64>) -> Self {
        Self { current_attempt: Some(current_attempt), next_attempt_delay_seconds }
    }
}
