//! An invocation: the typed interface of the driver, whose handler takes and returns JSON.

use std::sync::Arc;
use std::time::Duration;

use durable_engine::{ContextKey, DivergencePolicy, Engine};
use durable_types::{ErrorObject, InvocationInput, InvocationOutput};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event_loop::EventLoop;
use super::invocation_error::InvocationError;
use super::observed_invocation::ObservedInvocation;
use super::running::HandlerFuture;
use crate::clock::Clock;
use crate::context::DurableContext;
use crate::error::IntoError;
use crate::lambda::LambdaContext;
use crate::plugin::Plugins;
use crate::serdes::{self, ContextSerdes, SerdesContext, round_trip};
use crate::shared::Shared;
use crate::transport::Transport;

/// One invocation of a durable function, which an entry point [drives](Self::drive).
///
/// ```
/// # use durable_core::types::{InvocationInput, InvocationOutput};
/// # use durable_core::{DurableContext, Result};
/// # use durable_core::driver::{Invocation, InvocationError};
/// # use durable_core::lambda::LambdaContext;
/// # use durable_core::transport::Transport;
/// async fn greet(name: String, ctx: DurableContext) -> Result<String> {
///     ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
/// }
///
/// async fn answer(
///     transport: &impl Transport,
///     input: InvocationInput,
///     lambda_context: LambdaContext,
/// ) -> Result<InvocationOutput, InvocationError> {
///     Invocation::new(input, lambda_context).drive(transport, &greet).await
/// }
/// ```
#[derive(Debug)]
#[must_use = "an invocation does nothing until it is driven"]
pub struct Invocation {
    input: InvocationInput,
    lambda_context: LambdaContext,
    on_divergence: DivergencePolicy,
    deadline_margin: Duration,
    plugins: Plugins,
}

impl Invocation {
    /// Creates an invocation with this payload. The handler can read `lambda_context` from its [`DurableContext`].
    pub fn new(input: InvocationInput, lambda_context: LambdaContext) -> Self {
        let on_divergence = DivergencePolicy::default();
        let plugins = Plugins::default();
        Self { input, lambda_context, on_divergence, deadline_margin: Duration::ZERO, plugins }
    }

    /// Sets what fails when replay diverges, unless the handler [sets it](DurableContext::on_divergence).
    pub fn on_divergence(self, policy: DivergencePolicy) -> Self {
        Self { on_divergence: policy, ..self }
    }

    /// Starts no further body when less than `margin` remains until the deadline, unless the handler
    /// [sets another margin](DurableContext::suspend_before_deadline).
    pub fn suspend_before_deadline(self, margin: Duration) -> Self {
        Self { deadline_margin: margin, ..self }
    }

    /// Sets the plugins that observe the invocation.
    pub fn plugins(self, plugins: &Plugins) -> Self {
        Self { plugins: plugins.clone(), ..self }
    }

    /// Runs the handler until it ends or suspends, and returns the output of the invocation.
    ///
    /// Recorded operations are replayed, and new ones are recorded through the transport. When the execution suspends,
    /// the handler is dropped and the output is [`InvocationOutput::Pending`]. An error of the handler is an output,
    /// not an error of this method. Requires a tokio runtime with time enabled.
    ///
    /// # Errors
    /// Returns an error if a request to the service fails in a way that another invocation may not (see
    /// [`TransportError::invocation`](crate::transport::TransportError::invocation)), or if replay diverged and the
    /// policy is [`DivergencePolicy::FailInvocation`]. The entry point reports the error as that of the invocation, and
    /// the service invokes the function again.
    pub async fn drive<H, F, I, O, E>(
        self,
        transport: &impl Transport,
        handler: &H,
    ) -> Result<InvocationOutput, InvocationError>
    where
        H: Fn(I, DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        let Self { mut input, lambda_context, on_divergence, deadline_margin, plugins } = self;
        let updated = input.updated_operation_ids.take().unwrap_or_default();
        let now = transport.now();
        let mut engine = Engine::new(input, now, transport.timestamp_resolution());
        engine.on_divergence(on_divergence);
        engine.suspend_before(lambda_context.deadline, deadline_margin);
        let shared = Arc::new(Shared::new(engine, Clock::start(now), lambda_context));
        let event_loop = match EventLoop::new(transport, Arc::clone(&shared)).load().await? {
            Ok(event_loop) => event_loop,
            Err(answer) => return Ok(answer),
        };
        let observed = ObservedInvocation::start(&plugins, &shared, updated).await;
        let handler: HandlerFuture<'_> = Box::pin(run(handler, Arc::clone(&shared)));
        let output = event_loop.run(handler).await;
        if let Some(observed) = observed {
            observed.end(&shared, &output).await;
        }
        output
    }
}

async fn run<H, F, I, O, E>(handler: &H, shared: Arc<Shared>) -> Result<String, ErrorObject>
where
    H: Fn(I, DurableContext) -> F,
    F: Future<Output = Result<O, E>>,
    I: DeserializeOwned,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    let input = shared.drive(Engine::take_input);
    let event = serdes::from_json(input.as_deref()).map_err(|error| {
        let problem = error.error_message.unwrap_or_default();
        ErrorObject::new("InvalidInputError", format!("the input of the execution does not fit: {problem}"))
    })?;
    drop(input);
    let context = DurableContext::new(Arc::clone(&shared), ContextKey::ROOT, ContextSerdes::default());
    let output = handler(event, context).await;
    let output = output.map_err(|error| error.into_error().to_error_object())?;
    let serdes = shared.result_serdes();
    let (text, _) = round_trip(&serdes, &output, SerdesContext::output(&*shared)).await?;
    Ok(text)
}
