//! The aliases around [`Error`] that user code names.

use super::error::Error;

/// The result of operations, their bodies and handlers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns `Ok` with this crate's [`Error`] as the error type.
///
/// Use it in `async` blocks whose error type Rust cannot infer: those that are awaited with `?`, spawned on the runtime,
/// or passed to [`join!`](crate::join!) or tokio's combinators. The branches of [`race!`](crate::race!) and
/// [`try_join!`](crate::try_join!) and the bodies of operations do not need it.
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Result};
/// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
/// let chain = async {
///     ctx.wait("settle", Duration::from_secs(60)).await?;
///     durable_core::Ok(7)
/// };
/// Ok(chain.await? + 1)
/// # }
/// ```
#[expect(non_snake_case, reason = "it stands where the variant would")]
pub fn Ok<T>(value: T) -> Result<T> {
    Result::Ok(value)
}
