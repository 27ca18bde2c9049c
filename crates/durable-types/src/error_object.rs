//! An error as the service records it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redacted::redacted;

/// An error of an operation or of an execution ([`ErrorObject`] in the Lambda API).
///
/// All members are optional. They may contain customer data, so `Debug` shows only the type.
///
/// [`ErrorObject`]: https://docs.aws.amazon.com/lambda/latest/api/API_ErrorObject.html
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ErrorObject {
    /// A message for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The type, for code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// Machine-readable data, passed on unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_data: Option<String>,
    /// The stack trace, one entry per frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Vec<String>>,
}

impl ErrorObject {
    /// Creates an error with a type and a message.
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self {
            error_message: Some(error_message.into()),
            error_type: Some(error_type.into()),
            error_data: None,
            stack_trace: None,
        }
    }

    /// Adds machine-readable data.
    #[must_use]
    pub fn with_data(mut self, error_data: impl Into<String>) -> Self {
        self.error_data = Some(error_data.into());
        self
    }

    /// Returns the total size of the members in bytes, to which the service's limit on errors applies.
    pub fn len(&self) -> usize {
        let texts = [&self.error_message, &self.error_type, &self.error_data];
        let stack = self.stack_trace.iter().flatten();
        texts.into_iter().flatten().chain(stack).map(String::len).sum()
    }

    /// Returns whether all members are absent or empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorObject")
            .field("error_type", &self.error_type)
            .field("error_message", &redacted(&self.error_message))
            .field("error_data", &redacted(&self.error_data))
            .field("stack_trace", &self.stack_trace.as_ref().map(Vec::len))
            .finish()
    }
}

impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error_type, &self.error_message) {
            (Some(error_type), Some(message)) => write!(f, "{error_type}: {message}"),
            (Some(text), None) | (None, Some(text)) => f.write_str(text),
            (None, None) => f.write_str("unknown error"),
        }
    }
}
