//! What an invocation can target: the name of a function, or its descriptor.

use crate::function::Function;

/// Functions that can be invoked with a payload of type `P` for a result of type `O`: a bare name, whose types are not
/// known, or a [`Function`] with these types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that can be invoked",
    label = "neither the name of a function nor its descriptor",
    note = "pass the name of the function, or a `Function` with the types of its input and result"
)]
pub trait InvokeTarget<P: ?Sized, O>: sealed::Sealed {
    #[doc(hidden)]
    fn into_function_name(self) -> String;
}

/// Payloads that a function with the input `I` reads: an `I`, a reference to one, or what serializes alike.
///
/// Implement it for a type that borrows what `I` owns:
///
/// ```
/// # use durable_core::{DurableContext, Function, Result};
/// # use durable_core::operation::InputFor;
/// # use serde::Serialize;
/// struct Order { id: String }
///
/// #[derive(Serialize)]
/// struct OrderRef<'a> { id: &'a str }
///
/// impl InputFor<Order> for OrderRef<'_> {}
///
/// const PRINT: Function<Order, ()> = Function::new("print:live");
///
/// async fn handler(id: String, ctx: DurableContext) -> Result<()> {
///     ctx.invoke("print", PRINT, OrderRef { id: &id }).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the function takes `{I}`, but its payload is `{Self}`",
    label = "this function takes `{I}`",
    note = "pass a `{I}` or a reference to one, or invoke the function by its bare name"
)]
pub trait InputFor<I: ?Sized> {}

impl<P: ?Sized, O> InvokeTarget<P, O> for &str {
    fn into_function_name(self) -> String {
        self.to_owned()
    }
}

impl<P: ?Sized, O> InvokeTarget<P, O> for String {
    fn into_function_name(self) -> String {
        self
    }
}

impl<P: ?Sized, O> InvokeTarget<P, O> for &String {
    fn into_function_name(self) -> String {
        self.clone()
    }
}

impl<P: InputFor<I> + ?Sized, I, O> InvokeTarget<P, O> for Function<I, O> {
    fn into_function_name(self) -> String {
        self.into_name()
    }
}

impl<P: InputFor<I> + ?Sized, I, O> InvokeTarget<P, O> for &Function<I, O> {
    fn into_function_name(self) -> String {
        self.name().to_owned()
    }
}

impl<I: ?Sized> InputFor<I> for I {}
impl<I: ?Sized> InputFor<I> for &I {}
impl InputFor<String> for str {}
impl InputFor<String> for &str {}
impl<T> InputFor<Vec<T>> for [T] {}
impl<T> InputFor<Vec<T>> for &[T] {}

mod sealed {
    use super::Function;

    pub trait Sealed {}

    impl Sealed for &str {}
    impl Sealed for String {}
    impl Sealed for &String {}
    impl<I, O> Sealed for Function<I, O> {}
    impl<I, O> Sealed for &Function<I, O> {}
}
