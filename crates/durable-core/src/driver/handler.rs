//! The typed end of the driver: what a handler takes and returns, as JSON.

use std::pin::Pin;
use std::sync::Arc;

use durable_engine::{ContextKey, Engine};
use durable_types::{ErrorObject, InvocationInput, InvocationOutput};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::invocation::Invocation;
use crate::clock::Clock;
use crate::error::IntoError;
use crate::lambda_context::LambdaContext;
use crate::serdes::{ContextSerdes, SerdesContext, round_trip};
use crate::shared::Shared;
use crate::{DurableContext, InvocationError, Transport, serdes};

/// A handler with its input and output as JSON.
pub(super) type HandlerFuture<'h> = Pin<Box<dyn Future<Output = Result<String, ErrorObject>> + Send + 'h>>;

/// Runs one invocation of a handler and says what to answer.
///
/// The handler can read `lambda_context` from its [`DurableContext`].
///
/// Operations that are recorded are replayed, new ones are recorded over the transport, and when the handler has
/// nothing to do but wait, it is dropped and the answer is [`InvocationOutput::Pending`]. Needs a tokio runtime with
/// time enabled.
///
/// # Errors
/// If a request to the service fails in a way that another invocation may not: see
/// [`TransportError::invocation`](crate::TransportError::invocation). The entry point passes it on, and the service
/// invokes the function again. Errors of the handler are not errors here, but an answer.
///
/// ```
/// # use durable_core::types::{InvocationInput, InvocationOutput};
/// # use durable_core::{DurableContext, InvocationError, LambdaContext, Result, Transport, invoke};
/// async fn greet(name: String, ctx: DurableContext) -> Result<String> {
///     ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
/// }
///
/// async fn answer(
///     transport: &impl Transport,
///     input: InvocationInput,
///     lambda_context: LambdaContext,
/// ) -> Result<InvocationOutput, InvocationError> {
///     invoke(transport, input, lambda_context, &greet).await
/// }
/// ```
pub async fn invoke<H, F, I, O, E>(
    transport: &impl Transport,
    input: InvocationInput,
    lambda_context: LambdaContext,
    handler: &H,
) -> Result<InvocationOutput, InvocationError>
where
    H: Fn(I, DurableContext) -> F + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    let now = transport.now();
    let engine = Engine::new(input, now, transport.timestamp_resolution());
    let shared = Arc::new(Shared::new(engine, Clock::start(now), lambda_context));
    let invocation = match Invocation::new(transport, Arc::clone(&shared)).load().await? {
        Ok(invocation) => invocation,
        Err(answer) => return Ok(answer),
    };
    let handler: HandlerFuture<'_> = Box::pin(run(handler, shared));
    invocation.run(handler).await
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
    let (text, _) = round_trip(&serdes, &output, SerdesContext::output(&shared)).await?;
    Ok(text)
}
