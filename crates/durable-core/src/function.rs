//! Descriptors of Lambda functions: a name with the types of the input and the result.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A Lambda function: its name, and the types of its input and its result.
///
/// Where a function is invoked or started, a descriptor takes the place of the bare name. The payload is then checked at
/// compile time, and the type of the result is inferred. For a handler of this program, `#[durable::handler]` generates
/// the descriptor: `fulfil::function("orders-fulfil:live")`. For a function in another language, declare a constant:
///
/// ```
/// use durable_core::{DurableContext, Function, Result};
///
/// const TAX: Function<u64, u64> = Function::new("tax-calculator:live");
///
/// async fn handler(cents: u64, ctx: DurableContext) -> Result<u64> {
///     let tax = ctx.invoke("tax", TAX, cents).await?;
///     Ok(cents + tax)
/// }
/// ```
///
/// The types are the caller's view of the JSON that the function reads and writes. They need not be the same types as
/// in the function itself.
pub struct Function<I, O> {
    name: Cow<'static, str>,
    signature: PhantomData<fn(I) -> O>,
}

impl<I, O> Function<I, O> {
    /// Describes the function with this name, partial ARN or ARN. A durable function needs a version or an alias.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), signature: PhantomData }
    }

    /// Describes a function whose name is only known at run time, such as one from an environment variable.
    ///
    /// ```
    /// # use durable_core::Function;
    /// let stage = "test";
    /// let tax = Function::<u64, u64>::named(format!("tax-calculator-{stage}:live"));
    ///
    /// assert_eq!(tax.name(), "tax-calculator-test:live");
    /// ```
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Cow::Owned(name.into()), signature: PhantomData }
    }

    /// Returns the name, partial ARN or ARN.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn into_name(self) -> String {
        self.name.into_owned()
    }
}

impl<I, O> From<Function<I, O>> for String {
    /// Returns the name.
    fn from(function: Function<I, O>) -> Self {
        function.into_name()
    }
}

impl<I, O> From<&Function<I, O>> for String {
    /// Returns the name.
    fn from(function: &Function<I, O>) -> Self {
        function.name().to_owned()
    }
}

impl<I, O> Clone for Function<I, O> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), signature: PhantomData }
    }
}

impl<I, O> fmt::Debug for Function<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Function").field(&self.name).finish()
    }
}
