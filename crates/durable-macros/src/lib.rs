//! The macros of durable functions: `#[durable::step]`, `#[durable::handler]` and `#[derive(durable::DurableError)]`.
//!
//! Everything they generate can be written by hand. They remove boilerplate, and check at compile time what would
//! otherwise fail only when an execution is replayed. Use them through the `durable` crate.

mod attributes;
mod crate_path;
mod durable_error;
mod duration;
mod errors;
mod handler;
mod options;
mod parameter;
mod retry;
mod step;
mod type_name;
mod wrapper_signature;

use proc_macro::TokenStream;

/// Turns an async function into a durable step.
///
/// The function becomes a wrapper that takes the [`DurableContext`] as its first argument and returns a step with the
/// function's name, which can be configured, awaited or spawned. With a [`SagaContext`], it returns a step of the saga
/// instead. The function itself can be called as `name::call(..)`, which records nothing; use it in unit tests and in
/// code outside of durable functions.
///
/// ```
/// use durable::prelude::*;
/// # struct Order { id: String }
///
/// #[durable::step(retry = exponential(max_attempts = 5, initial_delay = "2s"))]
/// async fn charge(order: &Order) -> std::io::Result<String> {
///     Ok(format!("charge-{}", order.id))
/// }
///
/// # async fn handler(order: Order, ctx: DurableContext) -> Result<()> {
/// let paid = charge(&ctx, &order).await?; // a step named "charge"
/// let again = charge(&ctx, &order).retry(RetryStrategy::none()).await?; // with another strategy
/// let tried = charge::call(&order).await?; // the body alone
/// # Ok(())
/// # }
/// ```
///
/// In a saga, the step keeps its name, its options and its typed error:
///
/// ```
/// # use durable::prelude::*;
/// # #[durable::step] async fn charge(order: &str) -> Result<String> { Ok(order.to_owned()) }
/// # #[durable::step] async fn refund(charge: &str) -> Result<()> { Ok(()) }
/// # #[durable::step] async fn ship(order: &str) -> Result<()> { Ok(()) }
/// # async fn handler(order: String, ctx: DurableContext) -> Result<()> {
/// ctx.saga("order", async |ctx, saga| {
///     charge(&saga, &order).compensate(async |charge, _| refund::call(&charge).await).await?;
///     ship(&ctx, &order).await
/// })
/// .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Options
///
/// - `name = "charge the card"`: sets the name of the step; defaults to the name of the function. Names are identity:
///   executions in flight do not find a renamed step.
/// - `retry = exponential(..)`, with any of `max_attempts = 5`, `initial_delay = "2s"`, `max_delay = "1m"`,
///   `backoff_rate = 2.0`, `jitter = full` (or `half`, or `none`).
/// - `retry = linear(..)`, with any of `max_attempts`, `initial_delay`, `increment = "5s"`, `max_delay`, `jitter`.
/// - `retry = fixed("5s")`, `retry = fixed("5s", max_attempts = 3, jitter = half)`.
/// - `retry = none`.
/// - `retry = path::to::function`: a function of the error and the attempt number that returns a delay or stops; see
///   [`RetryPolicy`]. The path can also be that of a constant that holds a strategy.
/// - `at_most_once`: an attempt whose outcome is unknown, because its invocation ended, it panicked or it timed out, is
///   not retried.
/// - `at_most_once_per_retry`: an attempt whose invocation ended counts as failed, and `retry` decides whether it is
///   retried. Without either option, such an attempt runs again.
/// - `crate = path::to::durable`: the path of the crate, if it has another name.
///
/// # The function
///
/// - It must be a free `async fn` that returns a `Result` or an alias of it. Its value is recorded as JSON. An error
///   type that derives `DurableError` is recorded in full and can be downcast; of any other error type, the name of the
///   type and the message are recorded.
/// - If its first parameter is a `StepContext`, it receives the context of the attempt; the wrapper does not take one.
/// - Its other parameters must be references, or values that implement `Clone`, because each attempt needs its own. A
///   step whose parameters are all owned can be spawned: `charge(&ctx, order).spawn()`.
/// - It cannot take a `DurableContext`: a step has no operations of its own.
///
/// The macro declares a type with the name of the function, so there can be no other type or module of that name in
/// scope.
///
/// [`DurableContext`]: https://docs.rs/durable-core/latest/durable_core/struct.DurableContext.html
/// [`RetryPolicy`]: https://docs.rs/durable-core/latest/durable_core/retry/struct.RetryPolicy.html
/// [`SagaContext`]: https://docs.rs/durable-core/latest/durable_core/operation/struct.SagaContext.html
#[proc_macro_attribute]
pub fn step(options: TokenStream, item: TokenStream) -> TokenStream {
    step::expand(options.into(), item.into()).into()
}

/// Checks the handler of a durable function, describes it to its callers, and passes state to it.
///
/// ```
/// use durable::prelude::*;
///
/// #[durable::handler]
/// async fn greet(name: String, ctx: DurableContext) -> Result<String> {
///     ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
/// }
/// ```
///
/// Errors point at the signature instead of a distant call to `run`. The handler must be a free `async fn` whose first
/// two parameters are the event and the [`DurableContext`]. The event must be deserializable, the output serializable,
/// and the future `Send`.
///
/// # State
///
/// Further parameters are state that all invocations share, such as clients and connection pools. They are references,
/// or values that implement `Clone`, of which each invocation receives a clone. `name::with(..)` binds them and returns
/// the handler for `durable::run`, `TestRunner::new` and other functions that take a handler.
///
/// ```
/// use durable::prelude::*;
/// # struct Gateway;
/// # impl Gateway {
/// #     async fn connect() -> Result<Self> { Ok(Self) }
/// #     async fn charge(&self, order: &str) -> std::io::Result<String> { Ok(order.to_owned()) }
/// # }
/// # mod durable { pub use ::durable::*; pub async fn run<H>(_: H) -> Result<()> { Ok(()) } }
///
/// #[durable::handler]
/// async fn pay(order: String, ctx: DurableContext, gateway: &Gateway) -> Result<String> {
///     let receipt = ctx.step("charge", async |_| Ok(gateway.charge(&order).await?)).await?;
///     Ok(receipt)
/// }
///
/// # async fn start() -> Result<()> {
/// let gateway = Gateway::connect().await?;
/// durable::run(pay::with(&gateway)).await
/// # }
/// ```
///
/// A test passes a fake: `TestRunner::new(pay::with(&fake))`. Without the attribute, a closure does the same:
/// `durable::run(|order, ctx| pay(order, ctx, &gateway))`. State must not affect what the handler does between
/// operations, because the next invocation may run in another process.
///
/// # Descriptor
///
/// `name::function(..)` describes the Lambda function that runs the handler: its name with the types of the event and
/// the result. Where callers pass it instead of the bare name, to `ctx.invoke`, to `durable::aws::Client` or to
/// `TestRunner`, the compiler checks the payload and infers the type of the result.
///
/// ```
/// use durable::prelude::*;
///
/// #[durable::handler]
/// async fn tax(cents: u64, _ctx: DurableContext) -> Result<u64> {
///     Ok(cents / 5)
/// }
///
/// #[durable::handler]
/// async fn total(cents: u64, ctx: DurableContext) -> Result<u64> {
///     let tax = ctx.invoke("tax", tax::function("tax-calculator:live"), cents).await?;
///     Ok(cents + tax)
/// }
/// ```
///
/// The macro declares a type with the name of the function, so there can be no other type or module of that name in
/// scope.
///
/// # Determinism
///
/// The body runs again from its beginning each time the execution resumes, so the code between operations must be
/// deterministic. Common mistakes do not compile:
/// - reading the clock (`SystemTime::now`, `Utc::now`, ..), random values (`Uuid::new_v4`, `rand::random`, ..)
///   and environment variables,
/// - spawned tasks, `tokio::time::sleep` and `timeout`,
/// - blocking and I/O by well-known names: `std::fs` and `tokio::fs`, sockets, processes, `block_on`,
///   `reqwest::get`, and requests of the AWS SDK, reqwest and sqlx (`.send().await`, `.fetch_one(..).await`, ..),
/// - operations started while iterating over a `HashMap` or `HashSet`, whose order differs between runs,
/// - `tokio::select!`, which does not record its choice; [`race!`] does,
/// - operations of an outer context in the body of another operation, such as `ctx.wait(..)` in the body of
///   `ctx.step("pay", async |_| ..)` or of `ctx.run_in_child_context("ship", async |child| ..)`, which must use `child`.
///
/// All but the last are allowed in the body of a step, a callback's submitter, a condition's check or a compensation,
/// whether the closure is written in place or bound with `let`, because their outcome is recorded. The check looks at
/// names, not at types, so it does not detect calls in other functions or under other names.
///
/// ```compile_fail
/// # use durable::prelude::*;
/// #[durable::handler]
/// async fn expire(_: (), ctx: DurableContext) -> Result<bool> {
///     Ok(std::time::SystemTime::now() > std::time::UNIX_EPOCH)
/// }
/// ```
///
/// ```
/// # use durable::prelude::*;
/// #[durable::handler]
/// async fn expire(_: (), ctx: DurableContext) -> Result<bool> {
///     let now = ctx.step("now", async |_| Ok(std::time::SystemTime::now())).await?;
///     Ok(now > std::time::UNIX_EPOCH)
/// }
/// ```
///
/// # Options
///
/// - `allow(nondeterminism)`: disables the determinism check, for handlers such as one that measures the duration of a
///   replay.
/// - `crate = path::to::durable`: the path of the crate, if it has another name.
///
/// [`DurableContext`]: https://docs.rs/durable-core/latest/durable_core/struct.DurableContext.html
/// [`race!`]: https://docs.rs/durable-core/latest/durable_core/macro.race.html
#[proc_macro_attribute]
pub fn handler(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(options.into(), item.into()).into()
}

/// Records an error type in full, so that it can be downcast.
///
/// `?` and `#[durable::step]` record the error as JSON under the name of its type. `downcast` returns it from the error
/// of the operation, of the operations around it and of the invoked function, live as on replay. Derive it together
/// with `Serialize`, `Deserialize` and, for the message, `thiserror::Error`.
///
/// ```
/// use durable::prelude::*;
/// use durable::DurableError;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, DurableError)]
/// #[durable(name = "payments.Declined")]
/// struct Declined { code: u32 }
/// # impl std::fmt::Display for Declined {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "declined ({})", self.code) }
/// # }
/// # impl std::error::Error for Declined {}
/// # async fn charge() -> std::result::Result<(), Declined> { Err(Declined { code: 51 }) }
///
/// async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
///     let charged = ctx.step("charge", async |_| Ok(charge().await?)).retry(RetryStrategy::none()).await;
///     match charged {
///         Ok(()) => Ok(0),
///         Err(error) => Ok(error.downcast::<Declined>()?.code),
///     }
/// }
/// ```
///
/// # Options
///
/// - `name = "payments.Declined"`: sets the recorded name; defaults to the path of the type, such as
///   `my_crate::payments::Declined`. It must not change while executions that recorded it are running. The default is
///   unique within the program, but changes when the type is moved or renamed. A type declared inside a function needs
///   a name.
/// - `crate = path::to::durable`: the path of the crate, if it has another name.
///
/// # Errors that contain such an error
///
/// An error type that contains one by value must derive `DurableError` as well: otherwise `?` would lose the type, so
/// it does not compile. To discard the type, convert the error with `Error::from_boxed`. The derive enforces this by
/// removing `Unpin` from the type, which matters only to code that pins errors.
#[proc_macro_derive(DurableError, attributes(durable))]
pub fn durable_error(item: TokenStream) -> TokenStream {
    durable_error::expand(item.into()).into()
}
