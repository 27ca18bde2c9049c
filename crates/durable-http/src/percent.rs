//! Text that is percent-encoded.

use percent_encoding::percent_decode_str;

use super::ApiError;

/// Decodes a part of a request, once.
pub(super) fn decoded(part: &str, text: &str) -> Result<String, ApiError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(ApiError::invalid(format!("the {part} `{text}` is not UTF-8"))),
    }
}
