//! Redaction of customer data in `Debug` output.

use std::fmt;

/// Formats a payload as its length.
pub(crate) struct Redacted<'a>(pub(crate) &'a str);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes redacted>", self.0.len())
    }
}

/// Formats an optional payload as its length.
pub(crate) fn redacted(payload: &Option<String>) -> Option<Redacted<'_>> {
    payload.as_deref().map(Redacted)
}
