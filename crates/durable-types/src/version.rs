//! The names of function versions.

/// Returns whether a qualifier is a version of a function and not an alias: a number, `$LATEST` or
/// `$LATEST.PUBLISHED`.
///
/// ```
/// use durable_types::is_version;
///
/// assert!(is_version("7") && is_version("$LATEST"));
/// assert!(!is_version("live") && !is_version("$LATESTS"));
/// ```
pub fn is_version(qualifier: &str) -> bool {
    matches!(qualifier, "$LATEST" | "$LATEST.PUBLISHED") || is_version_number(qualifier)
}

/// Returns whether a qualifier is the number of a published version.
pub fn is_version_number(qualifier: &str) -> bool {
    !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit())
}
