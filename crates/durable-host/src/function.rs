//! The trait through which functions are invoked.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use durable_service::{FunctionCatalog, FunctionInvocation, InvocationEnd, InvocationHeaders};
use durable_types::ErrorObject;

use crate::execution_api::ExecutionApi;

/// An invocation under way. It ends with `None` if its end is unknown: it was not delivered, or the functions are being
/// stopped.
pub type Invoking<'a, T> = Pin<Box<dyn Future<Output = Option<Ended<T>>> + Send + 'a>>;

/// Returns whether a function may receive an invocation, once it has capacity. If not, it was withdrawn.
pub type Deliver<'a> = Box<dyn FnOnce() -> bool + Send + 'a>;

/// Invokes functions.
///
/// An invocation whose future is dropped must not have effects on the caller's side any more; its function is stopped if
/// possible.
pub trait FunctionInvoker: FunctionCatalog + Send + Sync + 'static {
    /// Returns the names of all functions.
    fn names(&self) -> BTreeSet<String>;

    /// Invokes the function of an execution.
    ///
    /// It waits until the function has capacity, and calls `deliver` before the function receives anything. A function
    /// that does not exist, did not start or did not answer is an end as well. Functions in this process make their
    /// requests through `api`.
    fn invoke<'a>(
        &'a self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd>;

    /// Invokes a plain (non-durable) function once.
    fn call(&self, call: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>>;
}

/// A call of a plain function.
#[derive(Clone, Debug)]
pub struct FunctionCall {
    /// The function.
    pub function_name: String,
    /// The ARN by which it is called.
    pub function_arn: String,
    /// What it receives besides the input.
    pub headers: InvocationHeaders,
    /// Its input, as JSON.
    pub input: Bytes,
}

/// The end of an invocation.
#[derive(Clone, Debug)]
pub struct Ended<T> {
    /// How it ended.
    pub end: T,
    /// The last of what it printed.
    pub output: Arc<dyn OutputTail>,
}

impl<T> Ended<T> {
    /// The end of an invocation that printed nothing.
    pub fn silent(end: T) -> Self {
        Self { end, output: Arc::new(NoOutput) }
    }
}

/// The last of what an invocation printed. It may still grow when the invocation has ended.
pub trait OutputTail: Debug + Send + Sync {
    /// Returns what was printed so far.
    fn bytes(&self) -> Vec<u8>;
}

#[derive(Debug)]
struct NoOutput;

impl OutputTail for NoOutput {
    fn bytes(&self) -> Vec<u8> {
        Vec::new()
    }
}
