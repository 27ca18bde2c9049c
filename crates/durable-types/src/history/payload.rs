//! What the details of events are made of.

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
            /// The data; none if there is none, or if it was left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub payload: Option<String>,
            /// Whether the data was left out of this answer.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub truncated: Option<bool>,
        }

        impl From<Option<String>> for $name {
            fn from(payload: Option<String>) -> Self {
                Self { payload, truncated: Some(false) }
            }
        }

        impl $name {
            /// The same without its data, as an answer without execution data carries it.
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
    /// An input in an event.
    EventInput
}
event_payload! {
    /// A result in an event.
    EventResult
}
event_payload! {
    /// Why an execution was paused or resumed (`EventPauseReason` and `EventResumeReason` in the Lambda API).
    EventReason
}

/// An error in an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EventError {
    /// The error; none if there is none, or if it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<ErrorObject>,
    /// Whether the error was left out of this answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

impl EventError {
    /// The same without its data, as an answer without execution data carries it.
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

/// Where the attempts of a step stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RetryDetails {
    /// The attempt that ended; the first is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_attempt: Option<u32>,
    /// Seconds until the next attempt, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_delay_seconds: Option<u64>,
}

impl RetryDetails {
    /// Creates the details of an attempt, with the seconds until the next one.
    pub fn new(current_attempt: u32, next_attempt_delay_seconds: Option<u64>) -> Self {
        Self { current_attempt: Some(current_attempt), next_attempt_delay_seconds }
    }
}
