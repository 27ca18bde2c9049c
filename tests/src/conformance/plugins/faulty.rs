//! A plugin that panics in one of its hooks.

use durable::error::BoxError;
use durable::plugin::{
    AttemptEnd, AttemptStart, ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd, InvocationInfo,
    OperationEnd, OperationStart, OperationsChange, Plugin, Plugins,
};
use serde_json::Value;

/// The hooks of a plugin, and its creation and end.
const HOOKS: [&str; 13] = [
    "creation",
    "invocation start",
    "invocation end",
    "operation start",
    "operations change",
    "operation end",
    "attempt start",
    "attempt end",
    "checkpoint end",
    "span",
    "log fields",
    "trace header",
    "drop",
];

/// A plugin that panics in this hook.
struct Faulty(&'static str);

/// For each hook, a plugin that panics in it.
pub(crate) fn faulty() -> impl Iterator<Item = (&'static str, Plugins)> {
    HOOKS.into_iter().map(|hook| (hook, Plugins::default().with(move |_| Faulty::create(hook))))
}

impl Faulty {
    fn create(hook: &'static str) -> Self {
        assert_ne!(hook, "creation", "the plugin fails as it is created");
        Self(hook)
    }

    fn run(&self, hook: &str) -> Result<(), BoxError> {
        assert_ne!(self.0, hook, "the plugin fails in this hook");
        Ok(())
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        assert_ne!(self.0, "drop", "the plugin fails as it is dropped");
    }
}

impl Plugin for Faulty {
    async fn invocation_started(&self, _: &InvocationInfo<'_>) -> Result<(), BoxError> {
        self.run("invocation start")
    }

    async fn invocation_ended(&self, _: &InvocationEnd<'_>) -> Result<(), BoxError> {
        self.run("invocation end")
    }

    fn operation_started(&self, _: &OperationStart<'_>) -> Result<(), BoxError> {
        self.run("operation start")
    }

    fn operations_changed(&self, _: &OperationsChange<'_>) -> Result<(), BoxError> {
        self.run("operations change")
    }

    fn operation_ended(&self, _: &OperationEnd<'_>) -> Result<(), BoxError> {
        self.run("operation end")
    }

    fn attempt_started(&self, _: &AttemptStart<'_>) -> Result<(), BoxError> {
        self.run("attempt start")
    }

    fn attempt_ended(&self, _: &AttemptEnd<'_>) -> Result<(), BoxError> {
        self.run("attempt end")
    }

    fn checkpoint_ended(&self, _: &CheckpointEnd<'_>) -> Result<(), BoxError> {
        self.run("checkpoint end")
    }

    fn span(&self, _: &CodeLocation<'_>) -> Option<tracing::Span> {
        self.run("span").ok()?;
        None
    }

    fn log_fields(&self, _: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        let _ = self.run("log fields");
        Vec::new()
    }

    fn trace_header(&self, _: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        self.run("trace header")?;
        Ok(None)
    }
}
