//! The entry point of a durable function.

use durable_core::driver::Invocation;
use durable_core::error::{BoxError, IntoError};
use durable_core::transport::Transport;
use durable_core::{DurableContext, Result};
use lambda_runtime::{LambdaEvent, Runtime, layers::TracingLayer, service_fn};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::diagnostic::Failed;
use crate::environment::{check_lambda, deadline_margin, divergence_policy};
use crate::lambda_context::lambda_context;
use crate::lambda_transport::LambdaTransport;
use crate::payload::{self, SetAside};

/// Serves the invocations of a durable function, one after the other, until the process is ended.
///
/// The handler takes the event and a [`DurableContext`]. Its event is the input of the execution, not of the single
/// invocation; each invocation runs it from the beginning and replays what is recorded. A handler that needs state,
/// such as a client, is a closure that borrows it: `run(|event, ctx| handler(event, ctx, &client))`.
///
/// ```no_run
/// use durable_core::{DurableContext, Result};
///
/// async fn greet(name: String, ctx: DurableContext) -> Result<String> {
///     ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<()> {
///     durable_aws::run(greet).await
/// }
/// ```
///
/// # Runtime
/// Prefer tokio's `current_thread` flavor: a handler and the bodies of its operations are one task, so more threads only
/// wake each other, which doubles the processor time of a function with quick steps. The multi-threaded runtime is for
/// functions that spawn tasks which compute on several processors.
///
/// # Errors
/// If the process was not started by Lambda, or by something that acts like it, or if the connection to the runtime
/// fails. Errors of the handler are recorded as the end of their execution.
pub async fn run<H, F, I, O, E>(handler: H) -> Result<()>
where
    H: Fn(I, DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    check_lambda(|name| std::env::var(name).ok())?;
    let transport = LambdaTransport::from_env().map_err(Startup)?;
    run_with(transport, handler).await
}

/// The same as [`run`] with a transport that is configured in code.
///
/// ```no_run
/// # use durable_core::{DurableContext, Result};
/// # async fn greet(name: String, ctx: DurableContext) -> Result<String> { Ok(name) }
/// use durable_aws::{LambdaTransportBuilder, run_with};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let transport = LambdaTransportBuilder::from_env()?.max_attempts(5).build()?;
/// run_with(transport, greet).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As those of [`run`].
pub async fn run_with<T, H, F, I, O, E>(transport: T, handler: H) -> Result<()>
where
    T: Transport,
    H: Fn(I, DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    check_lambda(|name| std::env::var(name).ok())?;
    let on_divergence = divergence_policy(|name| std::env::var(name).ok())?;
    let deadline_margin = deadline_margin(|name| std::env::var(name).ok())?;
    let (transport, handler) = (&transport, &handler);
    let service = service_fn(|event: LambdaEvent<IgnoredAny>| {
        // Not in the future: the payload is handed over within the call.
        let input = payload::take_input();
        async move {
            let input = input.map_err(Failed::Invalid)?;
            let invocation = Invocation::new(input, lambda_context(event.context))
                .on_divergence(on_divergence)
                .suspend_before_deadline(deadline_margin);
            invocation.drive(transport, handler).await.map_err(Failed::CannotContinue)
        }
    });
    let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(SetAside);
    Ok(runtime.run().await.map_err(Startup)?)
}

/// An error of the runtime or of its configuration, in its own words.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Startup(BoxError);
