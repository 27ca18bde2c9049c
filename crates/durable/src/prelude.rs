//! What most durable functions name: `use durable::prelude::*`.
//!
//! `Result` is [`durable::Result`](crate::Result), which takes the error as an optional second parameter like the
//! standard one. The attributes are not part of it: they read better as `#[durable::step]`.

pub use std::time::Duration;

pub use crate::{DurableContext, Error, Result, RetryStrategy, StepContext, StepSemantics};
