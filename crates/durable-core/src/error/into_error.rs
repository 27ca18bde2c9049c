//! The error types that handlers and steps can return.

use super::box_error::BoxError;
use super::error::Error;

/// Errors that a handler or a `#[durable::step]` function can return: anything that converts into a [`BoxError`].
///
/// This includes error types, strings, boxed errors, [`Error`] itself, and other catch-all errors such as that of
/// `anyhow`. A type that derives [`DurableError`](crate::DurableError) is recorded in full.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step or a handler",
    label = "its error is not an error type",
    note = "implement `std::error::Error` for `{Self}`, or return `durable::Result`"
)]
pub trait IntoError: Sized {
    /// Converts into an [`Error`] that keeps the name of the type.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + Unpin + 'static> IntoError for E {
    fn into_error(self) -> Error {
        Error::of_type::<E>(self.into())
    }
}
