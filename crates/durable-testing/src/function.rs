//! Handlers with their types erased.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use durable_core::DurableContext;
use durable_core::driver::{Invocation, InvocationError};
use durable_core::error::IntoError;
use durable_service::{FunctionDescription, FunctionKind};
use durable_types::InvocationOutput;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::plain_function::PlainFunction;
use crate::world::World;

/// The future of one invocation.
pub(crate) type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<InvocationOutput, InvocationError>> + Send + 'a>>;

/// A durable function that the service of a test can invoke.
pub(crate) trait Function: Send + Sync {
    /// Runs one invocation.
    fn invoke<'a>(&'a self, world: &'a World, invocation: Invocation) -> Answer<'a>;
}

/// A handler as a function.
pub(crate) struct Handler<H, I, F, O, E>(H, Signature<I, F, O, E>);

type Signature<I, F, O, E> = PhantomData<fn(I) -> (F, O, E)>;

impl<H, I, F, O, E> Handler<H, I, F, O, E> {
    pub(crate) fn new(handler: H) -> Self {
        Self(handler, PhantomData)
    }
}

impl<H, I, F, O, E> Function for Handler<H, I, F, O, E>
where
    H: Fn(I, DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    fn invoke<'a>(&'a self, world: &'a World, invocation: Invocation) -> Answer<'a> {
        Box::pin(invocation.drive(world, &self.0))
    }
}

/// The functions that executions of a test can invoke, by name.
#[derive(Clone, Default)]
pub(crate) struct Functions(BTreeMap<String, Callable>);

/// A function that executions can invoke.
#[derive(Clone)]
pub(crate) enum Callable {
    Durable(Arc<dyn Function>),
    Plain(PlainFunction),
}

impl Functions {
    pub(crate) fn insert(&mut self, name: String, function: Callable) {
        self.0.insert(name, function);
    }

    pub(crate) fn callable(&self, name: &str) -> Option<Callable> {
        self.0.get(name).cloned()
    }

    /// Describes the functions, by name.
    pub(crate) fn descriptions(&self) -> BTreeMap<String, FunctionDescription> {
        let kinds = self.0.iter().map(|(name, function)| (name, function.kind()));
        kinds.map(|(name, kind)| (name.clone(), FunctionDescription::new(kind))).collect()
    }
}

impl Callable {
    fn kind(&self) -> FunctionKind {
        match self {
            Self::Durable(_) => FunctionKind::Durable,
            Self::Plain(_) => FunctionKind::Plain,
        }
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
