//! Headers of a request as text.

use axum::http::HeaderMap;

use super::error::ApiError;

/// Returns a header as text. Of duplicates, the first counts.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ApiError> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map(Some);
    text.map_err(|_| ApiError::invalid(format!("the header {name} contains characters other than ASCII")))
}
