//! The interface of plugins.

use serde_json::Value;
use tracing::Span;

use super::hooks::{
    AttemptEnd, AttemptStart, ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd, InvocationInfo,
    OperationEnd, OperationStart, OperationsChange,
};
use crate::error::BoxError;

/// An observer of one invocation, such as a tracer or a collector of metrics.
///
/// A plugin implements the hooks that it needs; all others do nothing. It is created for each invocation by a function
/// that is registered with the entry point or the test runner, and dropped at the end of the invocation. State that is to
/// outlive an invocation, such as an exporter, belongs to that function.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use durable_core::error::BoxError;
/// use durable_core::plugin::{InvocationEnd, OperationEnd, Plugin};
///
/// /// Collects which operations ended, and sends them at the end of each invocation.
/// struct Report {
///     ended: Mutex<Vec<String>>,
/// }
///
/// impl Plugin for Report {
///     fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
///         let name = end.operation.name.as_deref().unwrap_or("unnamed");
///         self.ended.lock().unwrap().push(format!("{name}: {}", end.operation.status));
///         Ok(())
///     }
///
///     async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
///         let ended = std::mem::take(&mut *self.ended.lock().unwrap());
///         println!("{} {:?}: {}", end.invocation.execution_arn, end.status, ended.join(", "));
///         Ok(())
///     }
/// }
/// ```
///
/// # Order
/// 1. [`invocation_started`](Self::invocation_started), before the handler runs.
/// 2. [`operation_ended`](Self::operation_ended) for operations that ended between the previous invocation and this one.
/// 3. [`operation_started`](Self::operation_started), before the first attempt of the operation and before its start is
///    sent; then [`attempt_started`](Self::attempt_started) and [`attempt_ended`](Self::attempt_ended) around each
///    attempt, the latter before its outcome is sent; then `operation_ended`, before the code receives the result. The end
///    of an operation precedes that of the context that contains it. If several operations start, or end, at the same time,
///    they do so in the order of the code.
/// 4. [`operations_changed`](Self::operations_changed), after the service acknowledged a checkpoint, before the ends that
///    it records.
/// 5. Every attempt that has not ended ends as [incomplete](super::AttemptOutcome::Incomplete), and then
///    [`invocation_ended`](Self::invocation_ended) is called, before the output is returned to the service.
///
/// # Replay
/// An operation that had ended before the invocation is not reported, unless it ended since the previous invocation: then
/// its end is reported, once. One that has started and not ended is reported as started again when the code reaches it,
/// with [`is_replay`](super::OperationStart::is_replay). The bodies of contexts run again on replay, and their attempts are
/// reported each time; [`is_replaying_children`](super::AttemptStart::is_replaying_children) says that recorded operations
/// are replayed inside. An end is lost, not repeated, if the invocation that learned of it is cut off.
///
/// Contexts that are not recorded have no hooks: virtual contexts, items of flat maps, and attempts of
/// [`with_retry`](crate::DurableContext::with_retry).
///
/// # Isolation
/// A plugin observes and changes nothing. If a hook panics or returns an error, the invocation and the other plugins are
/// not affected, and later hooks of the same plugin are called. The first failure in each invocation is reported as a
/// `tracing` event of level WARN with the target `durable::plugin`. Hooks run on the thread of the handler, and its code
/// waits for them, so those that are not async must return at once.
pub trait Plugin: Send + Sync + 'static {
    /// The journal has been read, and the handler is about to run.
    fn invocation_started(
        &self,
        invocation: &InvocationInfo<'_>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _ = invocation;
        std::future::ready(Ok(()))
    }

    /// The output of the invocation is known, and is returned once all plugins have returned.
    ///
    /// This is the place to send what was collected: after it, the sandbox may be frozen.
    fn invocation_ended(&self, end: &InvocationEnd<'_>) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _ = end;
        std::future::ready(Ok(()))
    }

    /// An operation started, or the code reached one that has started and not ended.
    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        let _ = start;
        Ok(())
    }

    /// A checkpoint was acknowledged, and its response contains changes of operations.
    fn operations_changed(&self, change: &OperationsChange<'_>) -> Result<(), BoxError> {
        let _ = change;
        Ok(())
    }

    /// An operation ended.
    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        let _ = end;
        Ok(())
    }

    /// The body of a step, a condition or a context is about to run.
    fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError> {
        let _ = start;
        Ok(())
    }

    /// The body of a step, a condition or a context returned, failed, or was dropped.
    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        let _ = end;
        Ok(())
    }

    /// The service answered a checkpoint, or the request failed.
    fn checkpoint_ended(&self, end: &CheckpointEnd<'_>) -> Result<(), BoxError> {
        let _ = end;
        Ok(())
    }

    /// Returns the span that is entered whenever the code at this location runs: the handler, the body of a context, or
    /// an attempt. Called after [`attempt_started`](Self::attempt_started), once for each run of the code.
    fn span(&self, location: &CodeLocation<'_>) -> Option<Span> {
        let _ = location;
        None
    }

    /// Returns fields to add to a log line that the code at this location writes; see
    /// [`LogContext::fields`](crate::logging::LogContext::fields).
    fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        let _ = location;
        Vec::new()
    }

    /// Returns the trace header that an invoked function receives, unless the code
    /// [sets one](crate::operation::Invoke::trace_header). Called before the start of a new chained invoke. If several
    /// plugins return one, the first of them counts.
    ///
    /// # Errors
    /// An error, or a header of more than 8,192 characters, is reported, and no header is sent.
    fn trace_header(&self, invoke: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        let _ = invoke;
        Ok(None)
    }
}
