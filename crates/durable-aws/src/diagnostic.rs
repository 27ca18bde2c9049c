//! The errors that an invocation answers with, as the runtime reports them.

use std::error::Error;
use std::fmt;

use durable_core::driver::InvocationError;
use durable_types::InvocationInput;
use lambda_runtime::Diagnostic;

/// Why an invocation has no answer.
pub(crate) enum Failed {
    /// It is not an invocation of a durable function.
    Invalid(InvalidInvocation),
    /// It failed, and the service invokes the function again.
    CannotContinue(InvocationError),
}

impl From<Failed> for Diagnostic {
    fn from(failed: Failed) -> Self {
        let error_type = match failed {
            Failed::Invalid(_) => "InvalidInvocationError",
            Failed::CannotContinue(_) => "InvocationError",
        };
        Self { error_type: error_type.to_owned(), error_message: failed.to_string() }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::CannotContinue(error) => {
                error.fmt(f)?;
                let mut cause = error.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
        }
    }
}

// The runtime logs this form.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A payload that is not the envelope of a durable invocation.
#[derive(Debug, thiserror::Error)]
#[error(
    "the payload is not an invocation of a durable function: {}{problem}; a durable function is created with a \
     DurableConfig, and is invoked by a qualified name or ARN: with a version, an alias or $LATEST",
    path.as_ref().map(|path| format!("`{path}`: ")).unwrap_or_default()
)]
pub(crate) struct InvalidInvocation {
    /// Where in the payload, as a path of members.
    path: Option<String>,
    problem: String,
}

impl InvalidInvocation {
    /// What is wrong with this payload, which could not be parsed.
    pub(crate) fn of(payload: &[u8], error: &serde_json::Error) -> Self {
        // Parsing again with the path in view costs time only here.
        let mut deserializer = serde_json::Deserializer::from_slice(payload);
        let located: Result<InvocationInput, _> = serde_path_to_error::deserialize(&mut deserializer);
        let path = located.err().map(|error| error.path().to_string()).filter(|path| path != ".");
        Self { path, problem: without_values(&error.to_string()) }
    }
}

/// The message of a parser without the texts it quotes from the payload, which may be a customer's.
fn without_values(message: &str) -> String {
    let mut rest = message;
    let mut text = String::with_capacity(message.len());
    while let Some((before, quoted)) = rest.split_once('"') {
        text.push_str(before);
        text.push_str("(..)");
        rest = quoted.rsplit_once('"').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}
