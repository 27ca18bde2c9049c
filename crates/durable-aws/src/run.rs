//! The entry points of a durable function.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use durable_core::error::{BoxError, IntoError};
use durable_core::plugin::{InvocationInfo, Plugin, Plugins};
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
/// Before it is awaited, it accepts [plugins](Run::plugin) and a [transport](Run::transport) that is configured in code.
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
pub fn run<'h, H, F, I, O, E>(handler: H) -> Run<'h, H, Signature<I, F, O, E>>
where
    H: Fn(I, DurableContext) -> F + Send + Sync + 'h,
    F: Future<Output = Result<O, E>> + Send + 'h,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    Run::new(handler)
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
pub fn run_concurrent<H, F, I, O, E>(
    handler: H,
) -> Run<'static, H, Signature<I, F, O, E>, LambdaTransport, Concurrent>
where
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
    E: IntoError + 'static,
{
    Run::new(handler)
}

/// Serves the invocations of a durable function once it is awaited; returned by [`run`] and [`run_concurrent`].
#[must_use = "no invocation is served until it is awaited"]
pub struct Run<'h, H, S, T = LambdaTransport, M = Sequential> {
    handler: H,
    transport: Box<dyn FnOnce() -> Result<T, BoxError> + Send + 'h>,
    plugins: Plugins,
    types: PhantomData<fn() -> (S, M)>,
}

/// The types of a handler: its event, future, output and error.
pub type Signature<I, F, O, E> = fn(I) -> (F, O, E);

/// Marks a function that serves one invocation at a time.
pub struct Sequential(());

/// Marks a function that serves several invocations at the same time.
pub struct Concurrent(());

impl<H, S, M> Run<'_, H, S, LambdaTransport, M> {
    fn new(handler: H) -> Self {
        let transport = Box::new(LambdaTransport::from_env);
        Self { handler, transport, plugins: Plugins::default(), types: PhantomData }
    }
}

impl<'h, H, S, T, M> Run<'h, H, S, T, M> {
    /// Sets the transport; defaults to [`LambdaTransport::from_env`].
    ///
    /// ```no_run
    /// # use durable_core::{DurableContext, Result};
    /// # async fn greet(name: String, ctx: DurableContext) -> Result<String> { Ok(name) }
    /// use durable_aws::{LambdaTransportBuilder, run};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let transport = LambdaTransportBuilder::from_env()?.max_attempts(5).build()?;
    /// run(greet).transport(transport).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn transport<U: Transport + Send + 'h>(self, transport: U) -> Run<'h, H, S, U, M> {
        let Self { handler, plugins, types, transport: _ } = self;
        Run { handler, transport: Box::new(|| Ok(transport)), plugins, types }
    }

    /// Adds a plugin, which `create` creates for each invocation; see [`Plugin`].
    ///
    /// ```no_run
    /// # use durable_core::{DurableContext, Result};
    /// # async fn greet(name: String, ctx: DurableContext) -> Result<String> { Ok(name) }
    /// use durable_core::error::BoxError;
    /// use durable_core::plugin::{OperationEnd, Plugin};
    ///
    /// struct Print;
    ///
    /// impl Plugin for Print {
    ///     fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
    ///         println!("{:?}: {}", end.operation.name, end.operation.status);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// durable_aws::run(greet).plugin(|_| Print).await
    /// # }
    /// ```
    pub fn plugin<P: Plugin>(
        self,
        create: impl Fn(&InvocationInfo<'_>) -> P + Send + Sync + 'static,
    ) -> Self {
        Self { plugins: self.plugins.with(create), ..self }
    }

    /// Adds plugins after those that were added before.
    pub fn plugins(self, plugins: Plugins) -> Self {
        Self { plugins: self.plugins.and(plugins), ..self }
    }

    /// Reads the environment of the process, which Lambda sets.
    fn function(self) -> Result<DurableFunction<T, H>>
    where
        T: Transport,
    {
        check_lambda(|name| std::env::var(name).ok())?;
        let transport = (self.transport)().map_err(Startup)?;
        Ok(DurableFunction::from_env(transport, self.handler, self.plugins)?)
    }
}

impl<'h, T, H, F, I, O, E> IntoFuture for Run<'h, H, Signature<I, F, O, E>, T>
where
    T: Transport + 'h,
    H: Fn(I, DurableContext) -> F + Send + Sync + 'h,
    F: Future<Output = Result<O, E>> + Send + 'h,
    I: DeserializeOwned + Send + 'h,
    O: Serialize + DeserializeOwned + Send + Sync + 'h,
    E: IntoError + 'h,
{
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<()>> + 'h>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let function = &self.function()?;
            let service = service_fn(|event: LambdaEvent<IgnoredAny>| {
                // Not in the future: the payload is handed over within the call.
                let input = payload::take_input();
                function.invoke(input, event.context)
            });
            let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(SetAside);
            Ok(runtime.run().await.map_err(Startup)?)
        })
    }
}

impl<T, H, F, I, O, E> IntoFuture for Run<'static, H, Signature<I, F, O, E>, T, Concurrent>
where
    T: Transport + 'static,
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
    E: IntoError + 'static,
{
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let function = Arc::new(self.function()?);
            let service = service_fn(move |event: LambdaEvent<IgnoredAny>| {
                let (input, function) = (payload::take_input(), Arc::clone(&function));
                async move { function.invoke(input, event.context).await }
            });
            let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(SetAside);
            Ok(runtime.run_concurrent().await.map_err(Startup)?)
        })
    }
}

/// An error of the runtime or of its configuration, in its own words.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Startup(BoxError);
