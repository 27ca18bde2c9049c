//! Functions that run in the process of the service.

use std::any::Any;
use std::pin::Pin;

use bytes::Bytes;
use durable_types::ErrorObject;

use crate::panic::caught;

/// A function that runs in the process of the service.
///
/// Every `async` closure from the payload of an invocation to its answer implements it. A plain function receives the
/// input itself.
pub trait InProcessFunction: Send + Sync + 'static {
    /// Runs one invocation, from its payload to its answer or error.
    fn invoke(&self, payload: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>>;
}

impl<F, R> InProcessFunction for F
where
    F: Fn(Bytes) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Bytes, ErrorObject>> + Send + 'static,
{
    fn invoke(&self, payload: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>> {
        Box::pin(self(payload))
    }
}

/// Runs one invocation, which fails if the function panics.
pub(crate) async fn run_guarded(
    function: &dyn InProcessFunction,
    event: Bytes,
) -> Result<Bytes, ErrorObject> {
    let answer = caught(async { function.invoke(event).await }).await;
    answer.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

fn panicked(panic: &(dyn Any + Send)) -> ErrorObject {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    ErrorObject::new("Runtime.ExitError", format!("the function panicked: {message}"))
}
