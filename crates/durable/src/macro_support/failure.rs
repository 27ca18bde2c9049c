//! What steps and handlers may fail with.

use durable_core::macro_support::{Fallback, Probe};
use durable_core::{BoxError, Error};

/// An error, by any of the ways to be one: an error type, a boxed error, a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step or a handler",
    label = "its error is not an error type",
    note = "implement `std::error::Error` for `{Self}`, or return `durable::Result`"
)]
pub trait Failure: Sized {
    /// The error, with the name of its type.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> Failure for E {
    fn into_error(self) -> Error {
        Fallback::convert(&Probe::<E>::NEW, self)
    }
}

/// A handler's error ends the execution as an error that the service records.
pub fn is_failure<E: Failure>() {}

/// The last resort of a [`Probe`], after [`Typed`](super::Typed) and [`Plain`](super::Plain).
pub trait Other<E> {
    /// Converts the error.
    fn convert(&self, error: E) -> Error
    where
        E: Failure;
}

impl<E> Other<E> for Probe<E> {
    fn convert(&self, error: E) -> Error
    where
        E: Failure,
    {
        error.into_error()
    }
}
