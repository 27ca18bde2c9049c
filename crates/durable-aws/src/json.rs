//! Parses JSON that arrives as bytes.

use serde::de::DeserializeOwned;

/// Parses a whole document.
///
/// Checking once that all of it is text is faster than doing so for every string in it.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    }
}
