//! Handlers of the SDK as functions in the process of the service.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use durable_core::DurableContext;
use durable_core::driver;
use durable_core::error::IntoError;
use durable_core::lambda::LambdaContext;
use durable_core::plugin::Plugins;
use durable_core::transport::{Transport, TransportError};
use durable_functions::{Answering, InProcessFunction, Invocation};
use durable_host::ExecutionApi;
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::limits::MAX_INVOCATION_SECONDS;
use durable_types::{DurableExecutionArn, ErrorObject, InvocationInput, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A handler as a function in the process of the service.
pub(crate) struct HandlerFunction<H, I, F, O, E> {
    handler: Arc<H>,
    plugins: Plugins,
    signature: Signature<I, F, O, E>,
}

type Signature<I, F, O, E> = PhantomData<fn(I) -> (F, O, E)>;

impl<H, I, F, O, E> HandlerFunction<H, I, F, O, E> {
    pub(crate) fn new(handler: H, plugins: Plugins) -> Self {
        Self { handler: Arc::new(handler), plugins, signature: PhantomData }
    }
}

impl<H, I, F, O, E> InProcessFunction for HandlerFunction<H, I, F, O, E>
where
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned + Send + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
    E: IntoError + 'static,
{
    fn invoke(&self, invocation: Invocation, api: Option<Arc<dyn ExecutionApi>>) -> Answering {
        let (handler, plugins) = (Arc::clone(&self.handler), self.plugins.clone());
        Box::pin(async move {
            let Some(api) = api else { return Err(not_plain()) };
            let input: InvocationInput = serde_json::from_slice(&invocation.event).map_err(invalid)?;
            let context = lambda_context(invocation, api.now());
            let invocation = driver::Invocation::new(input, context).plugins(&plugins);
            let driven = invocation.drive(&InProcess(api), &*handler).await;
            let output = driven.map_err(|error| ErrorObject::new("InvocationError", error.to_string()))?;
            serde_json::to_vec(&output).map(Into::into).map_err(invalid)
        })
    }
}

fn not_plain() -> ErrorObject {
    ErrorObject::new("Runtime.InvalidFunction", "a handler is a durable function; define it as one")
}

fn invalid(error: serde_json::Error) -> ErrorObject {
    ErrorObject::new("Runtime.InvalidInput", format!("the invocation cannot be read or answered: {error}"))
}

fn lambda_context(invocation: Invocation, now: Timestamp) -> LambdaContext {
    // Invocations in this process never time out; Lambda would allow this much.
    let deadline = now.saturating_add(Duration::from_secs(MAX_INVOCATION_SECONDS));
    let mut context = LambdaContext::new(&invocation.request_id, deadline);
    let arn = invocation.execution_arn.and_then(|arn| arn.parse::<DurableExecutionArn>().ok());
    if let Some(arn) = arn {
        context.function_name = Some(arn.function_name().to_owned());
        context.function_version = Some(arn.version().to_owned());
    }
    context.invoked_function_arn = Some(invocation.function_arn);
    context.trace_header = invocation.trace_id;
    context.tenant_id = invocation.tenant_id;
    context
}

/// The transport to a service in the same process.
struct InProcess(Arc<dyn ExecutionApi>);

impl Transport for InProcess {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        Ok(self.0.checkpoint(request).await?)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        Ok(self.0.get_state(request).await?)
    }
}
