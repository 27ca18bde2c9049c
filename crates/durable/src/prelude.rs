//! The names that most durable functions need: `use durable::prelude::*`.
//!
//! `Result` is [`durable::Result`](crate::Result), whose error type is an optional second parameter. The attributes are
//! not included, because they read better as `#[durable::step]`. [`Operation`](crate::operation::Operation) is imported
//! without a name, so that its method can be called:
//!
//! ```
//! use durable::prelude::*;
//!
//! async fn handler(_: (), ctx: DurableContext) -> Result<()> {
//!     let settled = ctx.wait("settle", Duration::from_secs(60)).spawn();
//!     ctx.step("work", async |_| Ok(())).await?;
//!     settled.await
//! }
//! ```

pub use std::time::Duration;

pub use crate::operation::{Operation as _, StepSemantics};
pub use crate::retry::RetryStrategy;
pub use crate::{DurableContext, Error, Result, StepContext};
