//! What most durable functions name: `use durable::prelude::*`.
//!
//! `Result` is [`durable::Result`](crate::Result), which takes the error as an optional second parameter like the
//! standard one. The attributes are not part of it: they read better as `#[durable::step]`. [`Operation`](crate::operation::Operation)
//! has no name in it, only its method:
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
