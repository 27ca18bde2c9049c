//! The macros of durable functions: `#[durable::step]`, `#[durable::handler]` and `#[derive(durable::DurableError)]`.
//!
//! Everything they write can be written by hand; they take away what is the same each time, and check at
//! compile time what would otherwise show when an execution is replayed. Use them through the `durable` crate.

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

/// Makes a durable step of an async function.
///
/// The function becomes a wrapper that takes the [`DurableContext`] first and returns the step, ready to be
/// awaited, spawned or changed further. Given a [`SagaContext`], it returns a step of the saga instead. The step has the function's name. The function itself stays callable as
/// `name::call(..)`, which records nothing: for unit tests, and for code outside of durable functions.
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
/// In a saga it keeps its name, its options and its typed error:
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
/// - `name = "charge the card"`: a name other than the function's. Names are identity: executions in flight
///   do not find their steps again under another one.
/// - `retry = exponential(..)`, with any of `max_attempts = 5`, `initial_delay = "2s"`, `max_delay = "1m"`,
///   `backoff_rate = 2.0`, `jitter = full` (or `half`, or `none`).
/// - `retry = linear(..)`, with any of `max_attempts`, `initial_delay`, `increment = "5s"`, `max_delay`, `jitter`.
/// - `retry = fixed("5s")`, `retry = fixed("5s", max_attempts = 3, jitter = half)`.
/// - `retry = none`.
/// - `retry = path::to::function`, for a function of the error and the number of the attempt that returns a delay or a
///   stop; see [`RetryPolicy`]. It can also be the path of a constant that holds a strategy.
/// - `at_most_once`: an attempt whose outcome is unknown, because its invocation ended, it panicked or it timed out, is
///   the last one.
/// - `at_most_once_per_retry`: an attempt whose invocation ended counts as failed, and `retry` decides whether another
///   one is made. Without either option, such an attempt runs again.
/// - `crate = path::to::durable`, if the crate is known under another name.
///
/// # The function
///
/// - It is a free `async fn` that returns a `Result`, by whatever alias. Its value is recorded as JSON.
///   An error type that implements `Serialize` is recorded with its data and comes back typed; of any other
///   the type's name and the text are recorded.
/// - If its first parameter is a `StepContext`, it receives the attempt's context; the wrapper does not have it.
/// - Parameters are references, or values that implement `Clone`, because each attempt needs its own. A step whose
///   parameters are all owned can be spawned: `charge(&ctx, order).spawn()`.
/// - It cannot have a `DurableContext`: a step has no operations of its own.
///
/// A type of the function's name is declared beside it, so there can be no other of that name in its scope.
///
/// [`DurableContext`]: https://docs.rs/durable-core/latest/durable_core/struct.DurableContext.html
/// [`RetryPolicy`]: https://docs.rs/durable-core/latest/durable_core/struct.RetryPolicy.html
/// [`SagaContext`]: https://docs.rs/durable-core/latest/durable_core/struct.SagaContext.html
#[proc_macro_attribute]
pub fn step(options: TokenStream, item: TokenStream) -> TokenStream {
    step::expand(options.into(), item.into()).into()
}

/// Checks the handler of a durable function, and passes it its state.
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
/// Errors point at the signature, not at a distant call of `run`: the handler is a free `async fn` whose first two
/// parameters are the event and the [`DurableContext`]; the event can be deserialized, the output serialized,
/// and the future is `Send`.
///
/// # State
///
/// Further parameters are state that all invocations share, such as clients and connection pools. They are
/// references, or values that implement `Clone`, of which each invocation gets a clone. `name::with(..)` binds them
/// and returns the handler for `durable::run`, `TestRunner::new` and whatever else takes one.
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
/// A test passes a fake: `TestRunner::new(pay::with(&fake))`. A closure does the same without the attribute:
/// `durable::run(|order, ctx| pay(order, ctx, &gateway))`. State must not change what the handler does between
/// operations, because the next invocation may run in another process.
///
/// # Determinism
///
/// The body runs again from its beginning each time the execution resumes, so the code between operations must
/// be deterministic. Obvious mistakes do not compile:
/// - reading the clock (`SystemTime::now`, `Utc::now`, ..), random values (`Uuid::new_v4`, `rand::random`, ..)
///   and environment variables,
/// - spawned tasks, `tokio::time::sleep` and `timeout`,
/// - blocking and I/O by well-known names: `std::fs` and `tokio::fs`, sockets, processes, `block_on`,
///   `reqwest::get`, and requests of the AWS SDK, reqwest and sqlx (`.send().await`, `.fetch_one(..).await`, ..),
/// - operations started while iterating over a `HashMap` or `HashSet`, whose order differs between runs,
/// - `tokio::select!`, which does not record its choice; [`race!`] does.
///
/// All of them are fine in the body of a step, a callback's submitter, a condition's check or a compensation,
/// whether it is written in place or bound by `let`: their outcome is recorded. The check looks at names, not
/// at types, so it does not see calls in other functions or under another name.
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
/// - `allow(nondeterminism)`: turns the determinism check off, for handlers such as one that measures how long
///   a replay takes.
/// - `crate = path::to::durable`, if the crate is known under another name.
///
/// [`DurableContext`]: https://docs.rs/durable-core/latest/durable_core/struct.DurableContext.html
/// [`race!`]: https://docs.rs/durable-core/latest/durable_core/macro.race.html
#[proc_macro_attribute]
pub fn handler(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(options.into(), item.into()).into()
}

/// Records an error type whole, so that it comes back typed.
///
/// `?` and `#[durable::step]` record the error as JSON under the name of its type, and `downcast` gives it back: to the
/// caller of an operation, of the operations around it and of the function, live as on replay. Derive `Serialize`,
/// `Deserialize` and, for its text, `thiserror::Error` beside it.
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
/// - `name = "payments.Declined"`: the name in the record. It must not change while executions are running that recorded
///   it. Without it, the name is the path of the type, `my_crate::payments::Declined`: unlike any other of the program,
///   but it changes when the type is moved or renamed. A type that is declared inside a function needs one.
/// - `crate = path::to::durable`, if the crate is known under another name.
///
/// # What holds such an error
///
/// An error type that holds one by value must derive `DurableError` as well: `?` would lose the type otherwise, and does
/// not compile. To give the type up, convert it with `Error::from_boxed`. The derive does that by taking `Unpin` away from
/// the type, which matters only to code that pins errors.
#[proc_macro_derive(DurableError, attributes(durable))]
pub fn durable_error(item: TokenStream) -> TokenStream {
    durable_error::expand(item.into()).into()
}
