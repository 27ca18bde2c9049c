//! Customer data in events, which is redacted in logs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An input, a result or a state, as written by the function. `Debug` output shows only its size.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(String);

impl Payload {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, consuming the payload.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Payload> for String {
    fn from(payload: Payload) -> Self {
        payload.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes redacted>", self.0.len())
    }
}
