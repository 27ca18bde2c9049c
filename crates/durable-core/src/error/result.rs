//! The aliases around [`Error`] that code of users spells.

use std::error::Error as StdError;

use super::Error;

/// Any error type behind a box.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The result of operations, of their bodies and of handlers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `Ok` with the [`Error`] of this crate, for `async` blocks, whose error type Rust cannot infer.
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Result};
/// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
/// let chain = async {
///     ctx.wait("settle", Duration::from_secs(60)).await?;
///     durable_core::Ok(7)
/// };
/// chain.await
/// # }
/// ```
#[expect(non_snake_case, reason = "it stands where the variant would")]
pub fn Ok<T>(value: T) -> Result<T> {
    Result::Ok(value)
}
