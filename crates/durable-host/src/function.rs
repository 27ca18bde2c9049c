//! The trait that invokes functions.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use durable_service::{FunctionCatalog, FunctionInvocation, InvocationEnd, InvocationHeaders};
use durable_types::ErrorObject;

use crate::execution_api::ExecutionApi;

/// An invocation in flight. It resolves to `None` if the outcome is unknown, because the invocation was not delivered
/// or the functions are being stopped.
pub type Invoking<'a, T> = Pin<Box<dyn Future<Output = Option<Ended<T>>> + Send + 'a>>;

/// Decides whether an invocation is delivered once its function has capacity. It returns `false` if the invocation was
/// withdrawn.
pub type Deliver<'a> = Box<dyn FnOnce() -> bool + Send + 'a>;

/// Invokes functions.
///
/// Dropping the future of an invocation must end all of its effects on the caller's side. The function is stopped if
/// possible.
pub trait FunctionInvoker: FunctionCatalog + Send + Sync + 'static {
    /// Returns the names of all functions.
    fn names(&self) -> BTreeSet<String>;

    /// Invokes the function of an execution.
    ///
    /// Waits until the function has capacity, and calls `deliver` before the function receives anything. If the
    /// function does not exist, fails to start or does not respond, the invocation ends with an error. Functions in
    /// this process make their requests through `api`.
    fn invoke<'a>(
        &'a self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd>;

    /// Invokes a plain (non-durable) function once.
    fn call(&self, call: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>>;
}

/// A call of a plain (non-durable) function.
#[derive(Clone, Debug)]
pub struct FunctionCall {
    /// The name of the function.
    pub function_name: String,
    /// The ARN that the caller used.
    pub function_arn: String,
    /// The headers that accompany the input.
    pub headers: InvocationHeaders,
    /// The input, as JSON.
    pub input: Bytes,
}

/// The end of an invocation.
#[derive(Clone, Debug)]
pub struct Ended<T> {
    /// The outcome.
    pub end: T,
    /// The tail of its output.
    pub output: Arc<dyn OutputTail>,
}

impl<T> Ended<T> {
    /// Creates the end of an invocation that printed nothing.
    pub fn silent(end: T) -> Self {
        Self { end, output: Arc::new(NoOutput) }
    }
}

/// The tail of an invocation's output. It may still grow after the invocation has ended.
pub trait OutputTail: Debug + Send + Sync {
    /// Returns the tail of the output printed so far.
    fn bytes(&self) -> Vec<u8>;
}

#[derive(Debug)]
struct NoOutput;

impl OutputTail for NoOutput {
    fn bytes(&self) -> Vec<u8> {
        Vec::new()
    }
}
