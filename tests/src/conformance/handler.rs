//! Handlers of any types as one type.

use std::pin::Pin;

use durable::DurableContext;
use durable::error::{BoxError, IntoError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The answer of a handler, in JSON.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Value, BoxError>> + Send>>;

/// A handler from JSON to JSON, so that one program can hold many without being built once for each.
pub(crate) type Handler = Box<dyn Fn(Value, DurableContext) -> Answer + Send + Sync>;

/// Makes a handler one from JSON to JSON.
pub(crate) fn erased<H, F, I, O, E>(handler: H) -> Handler
where
    H: Fn(I, DurableContext) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    I: DeserializeOwned,
    O: Serialize,
    E: IntoError,
{
    Box::new(move |event, ctx| match serde_json::from_value(event) {
        Ok(event) => {
            let answer = handler(event, ctx);
            Box::pin(async move { Ok(serde_json::to_value(answer.await.map_err(E::into_error)?)?) })
        }
        Err(error) => Box::pin(std::future::ready(Err(error.into()))),
    })
}
