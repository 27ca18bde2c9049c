//! The plugins of one invocation, whose hooks are called one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use durable_engine::{Notification, Observation, OperationInfo, Operations};
use durable_types::{SmallString, Timestamp, validate};
use futures_util::future::join_all;
use serde_json::Value;

use super::attempt::{Attempt, Outcome};
use super::hooks::{
    ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd, InvocationInfo, OperationEnd,
    OperationStart, OperationsChange,
};
use super::isolated::Isolated;
use super::plugins::Plugins;
use super::spans::Spans;
use crate::outside::outside;
use crate::running_thread::RunningThread;

/// The plugins of one invocation.
///
/// # Invariants
/// - Hooks about operations and attempts are called one at a time, in the order in which the engine observed them.
/// - While such a hook runs, its thread is in no scope, so log lines of plugins are not taken for those of the handler.
pub(crate) struct Observers {
    execution_arn: Arc<str>,
    plugins: Vec<Isolated>,
    /// `None` unless the handler is running.
    operations: Mutex<Option<Operations>>,
    /// The thread that is calling hooks. If a hook uses operations of the execution, it gets no notifications of that.
    calling_on: RunningThread,
}

impl Observers {
    /// Creates the plugins of an invocation.
    pub(crate) fn create(plugins: &Plugins, invocation: &InvocationInfo<'_>) -> Self {
        Self {
            execution_arn: invocation.execution_arn.into(),
            plugins: plugins.create(invocation),
            operations: Mutex::default(),
            calling_on: RunningThread::default(),
        }
    }

    /// Calls the hooks for the start of the invocation.
    pub(crate) async fn invocation_started(&self, invocation: &InvocationInfo<'_>) {
        let plugins = self.plugins.iter();
        join_all(
            plugins.map(|plugin| {
                plugin.wait("invocation_started", |plugin| plugin.invocation_started(invocation))
            }),
        )
        .await;
    }

    /// Calls the hooks for the end of the invocation.
    pub(crate) async fn invocation_ended(&self, end: &InvocationEnd<'_>) {
        let plugins = self.plugins.iter();
        join_all(
            plugins.map(|plugin| plugin.wait("invocation_ended", |plugin| plugin.invocation_ended(end))),
        )
        .await;
    }

    /// Begins to observe operations, whose state when the journal was read is `operations`, and notifies of those that
    /// ended between the previous invocation and this one.
    pub(crate) fn open(&self, operations: Operations, ended: Vec<Notification>, now: Timestamp) {
        *self.lock() = Some(operations);
        self.with_operations(|operations| {
            for notification in ended {
                self.notify(operations, notification, now);
            }
        });
    }

    /// Stops observing operations, and returns their state.
    pub(crate) fn close(&self) -> Operations {
        self.lock().take().unwrap_or_default()
    }

    /// Notifies of what the engine observed. `take` takes its observations.
    pub(crate) fn observe(&self, now: Timestamp, take: impl Fn() -> Vec<Observation>) {
        self.with_operations(|operations| {
            for observation in take() {
                for notification in operations.handle(observation, now) {
                    self.notify(operations, notification, now);
                }
            }
        });
    }

    /// Calls the hooks for the start of an attempt. Returns whether plugins know its operation.
    pub(super) fn attempt_started(&self, attempt: &Attempt) -> bool {
        let is_known = self.with_operations(|operations| {
            let Some(start) = attempt.start(operations) else { return false };
            self.each(|plugin| plugin.call("attempt_started", |plugin| plugin.attempt_started(&start)));
            true
        });
        is_known.unwrap_or_default()
    }

    /// Calls the hooks for the end of an attempt.
    pub(super) fn attempt_ended(&self, attempt: &Attempt, outcome: Outcome<'_>, now: Timestamp) {
        self.with_operations(|operations| {
            let Some(end) = attempt.end(operations, outcome, now) else { return };
            self.each(|plugin| plugin.call("attempt_ended", |plugin| plugin.attempt_ended(&end)));
        });
    }

    /// Calls the hooks for the end of a checkpoint.
    pub(crate) fn checkpoint_ended(&self, end: &CheckpointEnd<'_>) {
        self.each(|plugin| plugin.call("checkpoint_ended", |plugin| plugin.checkpoint_ended(end)));
    }

    /// Returns the spans to enter while the code at this location runs, the outermost first.
    pub(crate) fn spans(&self, location: &CodeLocation<'_>) -> Option<Spans> {
        let span = |plugin: &Isolated| plugin.ask("span", |plugin| Ok(plugin.span(location)));
        outside(|| Spans::nested(&self.plugins, span))
    }

    /// Returns the fields to add to a log line.
    pub(crate) fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        let fields =
            |plugin: &Isolated| plugin.ask("log_fields", |plugin| Ok(Some(plugin.log_fields(location))));
        outside(|| self.plugins.iter().filter_map(fields).flatten().collect())
    }

    /// Returns the trace header for a chained invoke that is about to start.
    pub(crate) fn trace_header(
        &self,
        (operation_id, operation_name): (&str, Option<&str>),
        (parent_id, function_name): (Option<&str>, &str),
    ) -> Option<String> {
        let execution_arn = &*self.execution_arn;
        let invoke =
            ChainedInvokeStart { execution_arn, operation_id, operation_name, parent_id, function_name };
        let header = |plugin: &Isolated| {
            plugin.ask("trace_header", |plugin| {
                let header = plugin.trace_header(&invoke)?;
                header.as_deref().map_or(Ok(()), validate::trace_header)?;
                Ok(header)
            })
        };
        outside(|| self.plugins.iter().find_map(header))
    }

    fn notify(&self, operations: &Operations, notification: Notification, timestamp: Timestamp) {
        match notification {
            Notification::Started { id, is_replay } => {
                let Some(operation) = operations.get(&id) else { return };
                let start = OperationStart { operation, is_replay, timestamp };
                self.each(|plugin| {
                    plugin.call("operation_started", |plugin| plugin.operation_started(&start))
                });
            }
            Notification::Changed { ids } => self.notify_changed(operations, &ids, timestamp),
            Notification::Ended { id, result, is_replay } => {
                let Some(operation) = operations.get(&id) else { return };
                let end = OperationEnd { operation, result: result.as_deref(), is_replay, timestamp };
                self.each(|plugin| plugin.call("operation_ended", |plugin| plugin.operation_ended(&end)));
            }
        }
    }

    fn notify_changed(&self, operations: &Operations, ids: &[SmallString], timestamp: Timestamp) {
        let updated: Vec<&OperationInfo> = ids.iter().filter_map(|id| operations.get(id)).collect();
        let (execution_arn, updated) = (&*self.execution_arn, &*updated);
        let change = OperationsChange { execution_arn, operations, updated, timestamp };
        self.each(|plugin| plugin.call("operations_changed", |plugin| plugin.operations_changed(&change)));
    }

    /// Runs code that calls hooks about operations, one thread at a time. Returns `None` if the handler is not running,
    /// or if a hook is what runs the code.
    fn with_operations<R>(&self, f: impl FnOnce(&mut Operations) -> R) -> Option<R> {
        if self.calling_on.is_current() {
            return None;
        }
        let mut operations = self.lock();
        let operations = operations.as_mut()?;
        self.calling_on.set_current();
        let called = f(operations);
        self.calling_on.unset();
        Some(called)
    }

    fn each(&self, hook: impl Fn(&Isolated)) {
        outside(|| self.plugins.iter().for_each(hook));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Operations>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
