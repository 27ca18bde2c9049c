//! A plugin that prints what its hooks receive.

use durable::error::BoxError;
use durable::plugin::{
    AttemptEnd, AttemptStart, InvocationEnd, InvocationInfo, OperationEnd, OperationInfo, OperationStart,
    OperationsChange, Plugin,
};
use durable::types::{OperationType, Timestamp};
use serde_json::{Map, Value};

use super::printer::Printer;

/// A plugin that prints one JSON object for each call of a hook, with all that the hook receives.
pub(super) struct Dump {
    name: &'static str,
    printer: Printer,
    execution_arn: String,
    is_first: bool,
    fails: bool,
    /// The value of an outcome that is missing; by default the member is missing as well.
    absent: Option<&'static str>,
}

/// One printed object.
struct Record(Map<String, Value>);

impl Dump {
    pub(super) fn new(name: &'static str, printer: Printer, invocation: &InvocationInfo<'_>) -> Self {
        let (execution_arn, is_first) = (invocation.execution_arn.to_owned(), invocation.is_first);
        Self { name, printer, execution_arn, is_first, fails: false, absent: None }
    }

    /// Makes every hook fail after it has printed its record.
    pub(super) fn failing(self) -> Self {
        Self { fails: true, ..self }
    }

    /// Prints `NONE` where there is no result or error.
    pub(super) fn with_absent_outcomes(self) -> Self {
        Self { absent: Some("NONE"), ..self }
    }

    fn print(&self, hook: &str, mut record: Record) -> Result<(), BoxError> {
        record.set("plugin", self.name);
        record.set("hook", hook);
        record.set("durableExecutionArn", self.execution_arn.as_str());
        self.printer.print(&Value::Object(record.0).to_string());
        if self.fails { Err(format!("{hook} fails").into()) } else { Ok(()) }
    }

    fn invocation(&self, invocation: &InvocationInfo<'_>) -> Record {
        let mut record = Record(Map::new());
        record.set("first", invocation.is_first);
        record.set("isFirstInvocation", invocation.is_first);
        record.set("requestId", invocation.lambda_context.request_id.as_str());
        record.set("operationsCount", invocation.operations.len());
        record.set("updatedOperationsCount", invocation.operations.updated().count());
        record.set_time("executionStartTimestamp", invocation.execution_start_timestamp);
        record
    }

    fn operation(&self, info: &OperationInfo) -> Record {
        let mut record = Record(Map::new());
        record.set("op", info.id.as_str());
        record.set("id", info.id.as_str());
        record.set_text("name", info.name.as_deref());
        record.set("type", info.operation_type.to_string());
        record.set_text("subType", info.sub_type.as_deref());
        record.set("parent", info.parent_id.as_deref().unwrap_or("NONE"));
        record.set_text("parentId", info.parent_id.as_deref());
        record.set("status", info.status.to_string());
        record.set("pending", !info.status.is_terminal());
        record.set_time("startTimestamp", info.start_timestamp);
        record.set_time("endTimestamp", info.end_timestamp);
        let error = info.error.as_ref().and_then(|error| error.error_message.as_deref());
        record.set_text("error", error.or(self.absent));
        if let Some(attempt) = info.attempt {
            record.set("attempt", attempt);
        }
        record
    }

    fn attempt(&self, start: &AttemptStart<'_>) -> Record {
        let mut record = self.operation(start.operation);
        record.0.remove("error");
        record.0.remove("endTimestamp");
        if let Some(attempt) = start.attempt {
            record.set("n", attempt);
        }
        record.set_time("startTimestamp", Some(start.timestamp));
        record.set("isReplay", start.is_replay);
        if start.operation.operation_type == OperationType::Context {
            record.set("isReplayingChildren", start.is_replaying_children);
        }
        record
    }
}

impl Record {
    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn set_text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(key, text);
        }
    }

    fn set_time(&mut self, key: &str, time: Option<Timestamp>) {
        self.set_text(key, time.map(|time| time.to_string()).as_deref());
    }
}

impl Plugin for Dump {
    async fn invocation_started(&self, invocation: &InvocationInfo<'_>) -> Result<(), BoxError> {
        for updated in invocation.operations.updated() {
            let mut record = self.operation(updated);
            record.set("first", invocation.is_first);
            // The records of the other hooks are expected of a plugin that fails, this one is not.
            let _ = self.print("updated-on-invoke", record);
        }
        self.print("invocation-start", self.invocation(invocation))
    }

    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        let mut record = self.invocation(&end.invocation);
        record.set("status", end.status.as_str());
        record.set("terminal", end.status.is_terminal());
        record.set_text("executionError", end.error.and_then(|error| error.error_message.as_deref()));
        self.print("invocation-end", record)
    }

    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        let mut record = self.operation(start.operation);
        record.set("first", self.is_first);
        record.set("replay", start.is_replay);
        record.set("isReplay", start.is_replay);
        self.print("operation-start", record)
    }

    fn operations_changed(&self, change: &OperationsChange<'_>) -> Result<(), BoxError> {
        for updated in change.updated {
            let is_known = change.operations.get(&updated.id).is_some();
            let mut record = self.operation(updated);
            record.set("executionArn", change.execution_arn);
            record.set("operationsCount", change.operations.len());
            record.set("updatedOperationsCount", change.updated.len());
            record.set("in_full_map", is_known);
            record.set("inFullMap", is_known);
            record.set("isReplay", change.operations.is_from_earlier_invocation(&updated.id));
            self.print("operation-change", record)?;
        }
        Ok(())
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        let mut record = self.operation(end.operation);
        record.set_text("result", end.result.or(self.absent));
        record.set("isReplay", end.is_replay);
        self.print("operation-end", record)
    }

    fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError> {
        self.print(hook(start, "attempt-start", "fn-start"), self.attempt(start))
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        let mut record = self.attempt(&end.start);
        record.set("outcome", end.outcome.as_str());
        record.set_time("endTimestamp", Some(end.timestamp));
        record.set_text("error", end.error.and_then(|error| error.error_message.as_deref()));
        self.print(hook(&end.start, "attempt-end", "fn-end"), record)
    }
}

/// The requirements call the attempts of steps and the bodies of contexts differently.
fn hook<'h>(start: &AttemptStart<'_>, of_step: &'h str, of_context: &'h str) -> &'h str {
    if start.attempt.is_some() { of_step } else { of_context }
}
