//! What a client can start.

use durable_core::Function;
use durable_core::operation::{InputFor, InvokeTarget};
use serde_json::Value;

/// Functions that can be started with an input of type `P`: a [`Function`], or a bare name, whose result is any JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that can be started",
    label = "neither the name of a function nor its descriptor",
    note = "pass the name of the function, or a `Function` with the types of its input and result"
)]
pub trait StartTarget<P: ?Sized>: InvokeTarget<P, <Self as StartTarget<P>>::Output> {
    /// The type of the result.
    type Output;
}

impl<P: ?Sized> StartTarget<P> for &str {
    type Output = Value;
}

impl<P: ?Sized> StartTarget<P> for String {
    type Output = Value;
}

impl<P: ?Sized> StartTarget<P> for &String {
    type Output = Value;
}

impl<P: InputFor<I> + ?Sized, I, O> StartTarget<P> for Function<I, O> {
    type Output = O;
}

impl<P: InputFor<I> + ?Sized, I, O> StartTarget<P> for &Function<I, O> {
    type Output = O;
}
