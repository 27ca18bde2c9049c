//! What a request is about.

use std::fmt;

/// What a request is about, as errors name it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The function with this name or ARN.
    Function(String),
    /// The execution with this ARN.
    Execution(String),
    /// The callback with this id.
    Callback(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "the function `{name}`"),
            Self::Execution(arn) => write!(f, "the execution `{arn}`"),
            Self::Callback(id) => write!(f, "the callback `{id}`"),
        }
    }
}
