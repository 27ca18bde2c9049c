//! What is recorded of an error type and of the causes of an error.

use std::borrow::Cow;
use std::error::Error as StdError;

use super::names::is_reserved;

/// How many causes of an error are recorded.
const MAX_CAUSES: usize = 10;

/// The type of errors whose type is not known any more.
pub(super) const ERASED: &str = "Error";

/// The name of a type without its path and parameters.
pub(super) fn type_label<T>() -> Cow<'static, str> {
    let path = std::any::type_name::<T>().split('<').next().unwrap_or_default();
    let label = path.rsplit("::").next().unwrap_or_default();
    match label {
        "" | "Box" | "dyn core::error::Error" => Cow::Borrowed(ERASED),
        // Code is told by these names why an operation failed, so a type of a user is recorded with its module, too.
        label if is_reserved(label) => {
            let module = path.rmatch_indices("::").nth(1).and_then(|(at, _)| path.get(at + 2..));
            Cow::Borrowed(module.unwrap_or(path))
        }
        label => Cow::Borrowed(label),
    }
}

/// The message of an error and of its causes, those left out that the message includes already.
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

/// An error and its causes, as many of them as are recorded.
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
