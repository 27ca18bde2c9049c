//! The results of steps and handlers, seen through type aliases.

use std::pin::Pin;

use durable_core::Result;

/// The future of one attempt of a step.
pub type BodyFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The future of a handler with state.
pub type HandlerFuture<'a, O> = Pin<Box<dyn Future<Output = O> + Send + 'a>>;

/// A `Result`.
#[diagnostic::on_unimplemented(
    message = "a step or a handler returns a `Result`, not `{Self}`",
    label = "this is not a `Result`",
    note = "write `-> durable::Result<{Self}>` and end with `Ok(..)`"
)]
pub trait Fallible {
    /// The type of the `Ok` value.
    type Value;
    /// The type of the error.
    type Error;

    /// Converts into a plain `Result`.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
