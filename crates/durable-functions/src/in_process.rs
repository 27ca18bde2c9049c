//! Functions that run in the service's own process.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use durable_host::ExecutionApi;
use durable_host::panic::caught;
use durable_types::ErrorObject;

use crate::invocation::Invocation;

/// The pending response of a function to one invocation, or its error.
pub type Answering = Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>>;

/// A function that runs in the service's own process.
///
/// It is implemented for every `async` closure that maps the event of an invocation to a response. The event of a
/// durable function is the invocation payload; that of a plain function is the caller's input.
pub trait InProcessFunction: Send + Sync + 'static {
    /// Runs one invocation. A durable function makes its requests through `api`, which is `None` for a plain one.
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

/// Runs one invocation, and converts a panic of the function into an error.
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
