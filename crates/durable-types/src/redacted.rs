//! Customer data as it may appear in logs: by its size alone.

use std::fmt;

/// Shows that a payload is there and how long it is, never what it says.
pub(crate) struct Redacted<'a>(pub(crate) &'a str);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes redacted>", self.0.len())
    }
}

/// The same for an optional payload.
pub(crate) fn redacted(payload: &Option<String>) -> Option<Redacted<'_>> {
    payload.as_deref().map(Redacted)
}
