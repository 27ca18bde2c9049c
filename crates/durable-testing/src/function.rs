//! A handler of which nobody needs to know the types.

use std::marker::PhantomData;
use std::pin::Pin;

use durable_core::{BoxError, DurableContext, InvocationError, invoke};
use durable_types::{InvocationInput, InvocationOutput};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::world::World;

/// The future of one invocation.
pub(crate) type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<InvocationOutput, InvocationError>> + Send + 'a>>;

/// A function that the service of a test can invoke.
pub(crate) trait Function: Send + Sync {
    /// Runs one invocation.
    fn invoke<'a>(&'a self, world: &'a World, input: InvocationInput) -> Answer<'a>;
}

/// A handler as a function.
pub(crate) struct Handler<H, I, F>(H, PhantomData<fn(I) -> F>);

impl<H, I, F> Handler<H, I, F> {
    pub(crate) fn new(handler: H) -> Self {
        Self(handler, PhantomData)
    }
}

impl<H, F, I, O, E> Function for Handler<H, I, F>
where
    H: Fn(I, DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize,
    E: Into<BoxError>,
{
    fn invoke<'a>(&'a self, world: &'a World, input: InvocationInput) -> Answer<'a> {
        Box::pin(invoke(world, input, &self.0))
    }
}
