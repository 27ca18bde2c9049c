//! Durable functions for AWS Lambda: async functions that survive restarts.
//!
//! A durable function is an ordinary async function whose operations are checkpointed by the Lambda service. When it
//! waits, the invocation ends and nothing runs; later the service invokes the function again, and recorded operations
//! return their results without running again. It can run for up to a year and survives crashes at any point.
//!
//! ```no_run
//! use durable::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Clone, Serialize, Deserialize)] struct Order { id: String }
//! # #[derive(Serialize, Deserialize)] struct Charge { id: String }
//! # #[derive(Serialize, Deserialize)] struct Receipt { charge: Charge, parcel: String }
//! # #[derive(Debug, Serialize, Deserialize, durable::DurableError)] enum PaymentError { Declined }
//! # impl std::fmt::Display for PaymentError {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("declined") }
//! # }
//! # impl std::error::Error for PaymentError {}
//! # async fn label(order: &Order) -> std::io::Result<String> { Ok(order.id.clone()) }
//!
//! /// A step: recorded under the name "charge", tried up to five times.
//! #[durable::step(retry = exponential(max_attempts = 5))]
//! async fn charge(order: &Order) -> Result<Charge, PaymentError> {
//!     Ok(Charge { id: format!("charge-{}", order.id) })
//! }
//!
//! #[durable::handler]
//! async fn fulfil(order: Order, ctx: DurableContext) -> Result<Receipt> {
//!     let charge = charge(&ctx, &order).await?;
//!     ctx.wait("settle", Duration::from_secs(60)).await?;
//!     let parcel = ctx
//!         .run_in_child_context("ship", async |ctx| {
//!             ctx.step("label", async |_| Ok(label(&order).await?)).await
//!         })
//!         .await?;
//!     Ok(Receipt { charge, parcel })
//! }
//!
//! # #[cfg(feature = "aws")]
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<()> {
//!     durable::run(fulfil).await
//! }
//! # #[cfg(not(feature = "aws"))] fn main() {}
//! ```
//!
//! # Rules
//! - **The code between operations runs again** each time the function is invoked, up to where it left off. Whatever
//!   depends on time, randomness or the outside world belongs in a [step](DurableContext::step); [`handler`] detects
//!   common mistakes.
//! - **Names are identity.** If an operation is renamed or removed while executions are running, they fail with
//!   `NonDeterministicExecutionError` before any new code runs. With
//!   [`DivergencePolicy::FailInvocation`](driver::DivergencePolicy::FailInvocation) they resume once the code is fixed.
//! - **A step runs at least once**: if its invocation ends before the result is recorded, it runs again. Make it
//!   idempotent, or choose [at most once](operation::StepSemantics::AtMostOnce), with which an attempt whose outcome is
//!   unknown is not retried. With [at most once per retry](operation::StepSemantics::AtMostOncePerRetry), the retry
//!   strategy decides whether another attempt follows.
//! - **A step returns its changes.** Bodies borrow from the handler, but a body that mutates its captures does not
//!   compile: on replay the body does not run, so the change would be lost.
//!
//! ```compile_fail
//! # use durable::prelude::*;
//! # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
//! let mut total = 0;
//! ctx.step("add", async |_| {
//!     total += 1;
//!     Ok(())
//! })
//! .await?;
//! # Ok(total)
//! # }
//! ```
//!
//! ```
//! # use durable::prelude::*;
//! # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
//! let mut total = 0;
//! total += ctx.step("add", async |_| Ok(1)).await?;
//! # Ok(total)
//! # }
//! ```
//!
//! # Modules
//! The root exports the names that most functions need. Builders and results of operations are in [`operation`] and
//! [`batch`], retry strategies in [`retry`], errors in [`error`], serialization in [`serdes`]. [`combinator`] compares
//! the ways to run operations concurrently. Observers of executions are in [`plugin`]. Authors of other transports need
//! [`transport`] and [`driver`].
//!
//! # Features
//! - `aws` (default): [`run`](fn@run), the transport to Lambda, and `aws::Client`, which starts executions and answers
//!   callbacks. Other transports and tests do not need it.
//! - `aws-sdk`: `aws::AwsSdkTransport`, which sends requests with a client of the AWS SDK, for what only that can be
//!   configured to do.
//! - `file-system`: `FileSystemSerdes`, which stores values that are too large for a checkpoint in files.
//! - `logging`: `LogLines`, a `tracing` layer whose lines name the execution and step they belong to and are not
//!   repeated during replay. `LogLines::new().install()?` installs it.

#[doc(hidden)]
pub mod macro_support;
pub mod prelude;

#[cfg(feature = "aws")]
pub use durable_aws::{self as aws, run};
pub use durable_core::{
    DurableContext, DurableError, Error, Function, Ok, Result, StepContext, Uuid, batch, combinator, driver,
    error, join, lambda, logging, operation, plugin, race, retry, serdes, transport, try_join, types,
};
pub use durable_macros::{DurableError, handler, step};

/// The examples of the README, compiled and run with the other doctests.
#[cfg(all(doctest, feature = "aws"))]
#[doc = include_str!("../../../README.md")]
pub struct ReadmeExamples;
