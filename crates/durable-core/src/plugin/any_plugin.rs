//! Plugins with their types erased.

use std::pin::Pin;

use serde_json::Value;
use tracing::Span;

use super::hooks::{
    AttemptEnd, AttemptStart, ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd, InvocationInfo,
    OperationEnd, OperationStart, OperationsChange,
};
use super::plugin::Plugin;
use crate::error::BoxError;

/// The future of an async hook.
pub(super) type HookFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// A [`Plugin`] of any type.
pub(super) trait AnyPlugin: Send + Sync {
    fn invocation_started<'a>(&'a self, invocation: &'a InvocationInfo<'_>) -> HookFuture<'a>;
    fn invocation_ended<'a>(&'a self, end: &'a InvocationEnd<'_>) -> HookFuture<'a>;
    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError>;
    fn operations_changed(&self, change: &OperationsChange<'_>) -> Result<(), BoxError>;
    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError>;
    fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError>;
    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError>;
    fn checkpoint_ended(&self, end: &CheckpointEnd<'_>) -> Result<(), BoxError>;
    fn span(&self, location: &CodeLocation<'_>) -> Option<Span>;
    fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)>;
    fn trace_header(&self, invoke: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError>;
}

impl<P: Plugin> AnyPlugin for P {
    fn invocation_started<'a>(&'a self, invocation: &'a InvocationInfo<'_>) -> HookFuture<'a> {
        Box::pin(Plugin::invocation_started(self, invocation))
    }

    fn invocation_ended<'a>(&'a self, end: &'a InvocationEnd<'_>) -> HookFuture<'a> {
        Box::pin(Plugin::invocation_ended(self, end))
    }

    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        Plugin::operation_started(self, start)
    }

    fn operations_changed(&self, change: &OperationsChange<'_>) -> Result<(), BoxError> {
        Plugin::operations_changed(self, change)
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        Plugin::operation_ended(self, end)
    }

    fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError> {
        Plugin::attempt_started(self, start)
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        Plugin::attempt_ended(self, end)
    }

    fn checkpoint_ended(&self, end: &CheckpointEnd<'_>) -> Result<(), BoxError> {
        Plugin::checkpoint_ended(self, end)
    }

    fn span(&self, location: &CodeLocation<'_>) -> Option<Span> {
        Plugin::span(self, location)
    }

    fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        Plugin::log_fields(self, location)
    }

    fn trace_header(&self, invoke: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        Plugin::trace_header(self, invoke)
    }
}
