//! Durable functions for AWS Lambda: async functions that survive restarts.
//!
//! A durable function is an ordinary async function whose operations are recorded by the Lambda service. When it
//! waits, the invocation ends and nothing runs; later the function is invoked again, and what is recorded is not done
//! again. So it can wait for a year, and can be killed at any moment.
//!
//! ```no_run
//! use durable::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Clone, Serialize, Deserialize)] struct Order { id: String }
//! # #[derive(Serialize, Deserialize)] struct Charge { id: String }
//! # #[derive(Serialize, Deserialize)] struct Receipt { charge: Charge, parcel: String }
//! # #[derive(Debug, Serialize, Deserialize)] enum PaymentError { Declined }
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
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     durable::run(fulfil).await
//! }
//! # #[cfg(not(feature = "aws"))] fn main() {}
//! ```
//!
//! # What to keep in mind
//! - **The code between operations runs again** each time the function is invoked, up to where it was. What depends on
//!   time, chance or the outside world belongs in a [step](DurableContext::step); [`handler`] finds the obvious cases.
//! - **Names are identity.** An operation renamed or removed under a running execution ends that execution with
//!   `NonDeterministicExecutionError`, before anything new has run.
//! - **A step runs at least once**: if its invocation dies before the result is recorded, it runs again. Make it
//!   idempotent, or choose [at most once](StepSemantics::AtMostOnce): an attempt whose outcome is unknown is then the
//!   last. [At most once per retry](StepSemantics::AtMostOncePerRetry) leaves it to the retry strategy whether another
//!   attempt follows.
//! - **What a step changes must be in what it returns.** Bodies borrow from the handler, but one that changes what it
//!   borrowed does not compile: on replay the body does not run, and the change would be missing.
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
//! # Features
//! - `aws`, on by default: [`run`](fn@run) and the transport on the AWS SDK. Without it, the crate is what authors of other
//!   transports and of tests need.
//! - `file-system`: `FileSystemSerdes`, which keeps values in files that are too large for a checkpoint.
//! - `logging`: `LogLines`, a layer for `tracing` whose lines say which execution and step they belong to, and are not
//!   written again during replay. `LogLines::new().install()?` is enough.

#[doc(hidden)]
pub mod macro_support;
pub mod prelude;

#[cfg(feature = "aws")]
pub use durable_aws::{self as aws, run};
#[cfg(feature = "file-system")]
pub use durable_core::FileSystemSerdes;
pub use durable_core::{
    AnyValue, BatchItem, BatchProgress, BatchResult, BatchStatus, BoxError, Branch, Callback, ChildContext,
    ClientApplication, ClientContext, CompensatedStep, Compensation, CompletionReason, ContextSerdes,
    CreateCallback, DeserializeValue, DivergencePolicy, DurableContext, DurableError, Error,
    ExponentialBackoff, FixedDelay, IntoError, Invocation, InvocationError, Invoke, ItemProgress, Jitter,
    Join, JoinBranches, Json, LambdaContext, LinearBackoff, LogContext, LogStep, Map, Ok, OpenParallel,
    Operation, OperationFuture, OperationKind, OperationName, Parallel, Payload, PayloadKind, Race,
    RaceBranches, Result, RetryDecision, RetryPolicy, RetryStrategy, Saga, SagaContext, SagaStep, Serdes,
    SerdesContext, SerdesUnavailable, SerializeValue, Spawned, Step, StepContext, StepScope, StepSemantics,
    TextOrigin, Transport, TransportError, TryJoin, TryJoinBranches, UNNAMED, Using, Uuid, Verdict, Wait,
    WaitForCallback, WaitForCondition, WaitPolicy, WaitStrategy, WithRetry, join, log_context, race,
    try_join, types,
};
#[cfg(feature = "logging")]
pub use durable_core::{LogFormat, LogLines, LoggingError};
pub use durable_macros::{DurableError, handler, step};

/// The examples of the README, compiled and run with the others.
#[cfg(all(doctest, feature = "aws"))]
#[doc = include_str!("../../../README.md")]
pub struct ReadmeExamples;
