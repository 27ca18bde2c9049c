//! Functions that run in the process of the service.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use durable_host::ExecutionApi;
use durable_host::panic::caught;
use durable_types::ErrorObject;

use crate::invocation::Invocation;

/// The answer of a function to one invocation, or its error.
pub type Answering = Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>>;

/// A function that runs in the process of the service.
///
/// Every `async` closure from the event of an invocation to its answer implements it. The event of a durable function is
/// the payload of its invocation; that of a plain function is the input itself.
pub trait InProcessFunction: Send + Sync + 'static {
    /// Runs one invocation. A durable function makes its requests through `api`; a plain one gets none.
    fn invoke(&self, invocation: Invocation, api: Option<Arc<dyn ExecutionApi>>) -> Answering;
}

impl<F, R> InProcessFunction for F
where
    F: Fn(Bytes) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Bytes, ErrorObject>> + Send + 'static,
{
    fn invoke(&self, invocation: Invocation, _api: Option<Arc<dyn ExecutionApi>>) -> Answering {
        Box::pin(self(invocation.event))
    }
}

/// Runs one invocation, which fails if the function panics.
pub(crate) async fn run_guarded(
    function: &dyn InProcessFunction,
    invocation: Invocation,
    api: Option<Arc<dyn ExecutionApi>>,
) -> Result<Bytes, ErrorObject> {
    let answer = caught(async { function.invoke(invocation, api).await }).await;
    answer.unwrap_or_else(|panicked| {
        Err(ErrorObject::new("Runtime.ExitError", format!("the function {panicked}")))
    })
}
