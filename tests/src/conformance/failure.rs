//! Why a requirement is not met.

use std::fmt;

/// Why a requirement is not met, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure that says this.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// That something could not be done, with its reason and the causes of that.
    pub(crate) fn of(what: &str, error: &dyn std::error::Error) -> Self {
        let mut text = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self(text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
