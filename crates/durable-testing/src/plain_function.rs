//! Plain (non-durable) functions, run as Lambda runs them: any failure is the error of their invocation.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use durable_core::error::BoxError;
use durable_types::ErrorObject;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::crash::{died, survive};

/// The future of one invocation: its result as JSON, or its error.
type PlainAnswer = Pin<Box<dyn Future<Output = Result<String, ErrorObject>> + Send>>;

/// A plain function from JSON to JSON.
#[derive(Clone)]
pub(crate) struct PlainFunction(Arc<Erased>);

type Erased = dyn Fn(Option<&str>) -> PlainAnswer + Send + Sync;

impl PlainFunction {
    pub(crate) fn new<H, I, F, O, E>(handler: H) -> Self
    where
        H: Fn(I) -> F + Send + Sync + 'static,
        F: Future<Output = Result<O, E>> + Send + 'static,
        I: DeserializeOwned,
        O: Serialize,
        E: Into<BoxError>,
    {
        let failed = |error: BoxError| ErrorObject::new("Error", error.to_string());
        Self(Arc::new(move |event| match serde_json::from_str(event.unwrap_or("null")) {
            Ok(event) => {
                let answer = handler(event);
                Box::pin(async move {
                    let output = answer.await.map_err(|error| failed(error.into()))?;
                    serde_json::to_string(&output).map_err(|error| failed(error.into()))
                })
            }
            Err(error) => Box::pin(std::future::ready(Err(failed(error.into())))),
        }))
    }

    /// Runs one invocation to its end, even if it panics or its process crashes.
    pub(crate) async fn invoke(&self, request_id: &str, input: Option<&str>) -> Result<String, ErrorObject> {
        // The function may panic before it returns its future.
        let invocation = caught(async { (self.0)(input).await });
        match survive(invocation).await {
            Some(Ok(answer)) => answer,
            Some(Err(panic)) => Err(panicked(panic.as_ref())),
            None => Err(died(request_id)),
        }
    }
}

/// Runs a future to its end, or until it panics.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        // A future that panicked is dropped and never polled again.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// Returns the error of an invocation that panicked, as the local service reports it.
fn panicked(panic: &(dyn Any + Send)) -> ErrorObject {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    ErrorObject::new("Runtime.ExitError", format!("the function panicked: {message}"))
}
