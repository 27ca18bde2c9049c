//! The recorded name of an error type, and the recorded causes of an error.

use std::borrow::Cow;
use std::error::Error as StdError;

use super::names::is_reserved;

/// The maximum number of causes of an error that are recorded.
const MAX_CAUSES: usize = 10;

/// The recorded type of errors whose type has been erased.
pub(super) const ERASED: &str = "Error";

/// Returns the name of a type without its path and parameters.
pub(super) fn type_label<T>() -> Cow<'static, str> {
    let path = std::any::type_name::<T>().split('<').next().unwrap_or_default();
    let label = path.rsplit("::").next().unwrap_or_default();
    match label {
        "" | "&str" | "String" | "Box" | "dyn core::error::Error" => Cow::Borrowed(ERASED),
        // These names tell code why an operation failed, so a user-defined type with such a name is recorded with its
        // module.
        label if is_reserved(label) => {
            let module = path.rmatch_indices("::").nth(1).and_then(|(at, _)| path.get(at + 2..));
            Cow::Borrowed(module.unwrap_or(path))
        }
        label => Cow::Borrowed(label),
    }
}

/// Returns the message of an error and those of its causes that it does not already contain.
pub(crate) fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for cause in chain(error).skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Returns an error and its causes, up to the number that is recorded.
pub(super) fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
    .take(MAX_CAUSES + 1)
}
