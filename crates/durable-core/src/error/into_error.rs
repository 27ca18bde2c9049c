//! What handlers and steps may fail with.

use super::{BoxError, Error};

/// What a handler, or the function of a `#[durable::step]`, may fail with: whatever converts into a [`BoxError`].
///
/// Error types, texts, boxed errors, [`Error`] itself, and the errors of other catch-alls such as `anyhow`. A type that
/// derives [`DurableError`](crate::DurableError) is recorded whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step or a handler",
    label = "its error is not an error type",
    note = "implement `std::error::Error` for `{Self}`, or return `durable::Result`"
)]
pub trait IntoError: Sized {
    /// The error, with the name of its type.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + Unpin + 'static> IntoError for E {
    fn into_error(self) -> Error {
        Error::of_type::<E>(self.into())
    }
}
