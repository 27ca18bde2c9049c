//! The entry points of a durable function.

use std::sync::Arc;

use durable_core::error::{BoxError, IntoError};
use durable_core::transport::Transport;
use durable_core::{DurableContext, Result};
use lambda_runtime::{LambdaEvent, Runtime, layers::TracingLayer, service_fn};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::durable_function::DurableFunction;
use crate::environment::check_lambda;
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
/// On Lambda Managed Instances, use [`run_concurrent`].
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
    let function = &DurableFunction::from_env(transport, handler)?;
    let service = service_fn(|event: LambdaEvent<IgnoredAny>| {
        // Not in the future: the payload is handed over within the call.
        let input = payload::take_input();
        function.invoke(input, event.context)
    });
    let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(SetAside);
    Ok(runtime.run().await.map_err(Startup)?)
}

/// The same as [`run`] on Lambda Managed Instances, where one process serves several invocations at the same time.
///
/// Lambda says how many by the environment variable `AWS_LAMBDA_MAX_CONCURRENCY`. Without it, invocations are served one
/// after the other, so the same program runs on either. Each invocation has its own context, checkpoint token and log
/// scope; they share the handler and the connections of the transport. Static variables and clients that the handler
/// captures are shared as well.
///
/// Each invocation is a task of the runtime. Use the multi-threaded flavor here, so that they use all processors:
///
/// ```no_run
/// use durable_core::{DurableContext, Result};
///
/// async fn greet(name: String, ctx: DurableContext) -> Result<String> {
///     ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<()> {
///     durable_aws::run_concurrent(greet).await
/// }
/// ```
///
/// # Errors
/// As those of [`run`].
pub async fn run_concurrent<H, F, I, O, E>(handler: H) -> Result<()>
where
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
    E: IntoError + 'static,
{
    check_lambda(|name| std::env::var(name).ok())?;
    let transport = LambdaTransport::from_env().map_err(Startup)?;
    run_concurrent_with(transport, handler).await
}

/// The same as [`run_concurrent`] with a transport that is configured in code.
///
/// # Errors
/// As those of [`run`].
pub async fn run_concurrent_with<T, H, F, I, O, E>(transport: T, handler: H) -> Result<()>
where
    T: Transport + 'static,
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
    E: IntoError + 'static,
{
    let function = Arc::new(DurableFunction::from_env(transport, handler)?);
    let service = service_fn(move |event: LambdaEvent<IgnoredAny>| {
        let (input, function) = (payload::take_input(), Arc::clone(&function));
        async move { function.invoke(input, event.context).await }
    });
    let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(SetAside);
    Ok(runtime.run_concurrent().await.map_err(Startup)?)
}

/// An error of the runtime or of its configuration, in its own words.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Startup(BoxError);
