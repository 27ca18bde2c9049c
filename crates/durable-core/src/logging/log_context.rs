//! The location in an execution where a log line is written.

use std::sync::Arc;

use durable_engine::OperationId;
use serde_json::Value;

use crate::plugin::CodeLocation;
use crate::scope::{Place, current};
use crate::shared::Shared;

/// The location in an execution where a log line is written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogContext {
    /// The ARN of the execution.
    pub execution_arn: Arc<str>,
    /// The request id of the invocation.
    pub request_id: String,
    /// The step whose body writes the line, or `None` outside of steps.
    pub step: Option<LogStep>,
    /// Whether the code is replaying recorded operations, so that the line has been written before.
    pub is_replaying: bool,
    /// The fields that plugins add to the line; see [`Plugin::log_fields`](crate::plugin::Plugin::log_fields).
    pub fields: Vec<(&'static str, Value)>,
}

/// The step whose body writes a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogStep {
    /// The id of the step.
    pub operation_id: String,
    /// The name of the step.
    pub operation_name: Option<String>,
    /// The attempt number, starting at 1.
    pub attempt: u32,
}

/// Returns the location in an execution of the code on this thread, for loggers.
///
/// Returns `None` outside of handlers and bodies, such as in tasks that they spawn.
///
/// ```
/// # use durable_core::logging::log_context;
/// /// Writes a line, unless it was written before.
/// fn log(text: &str) {
///     match log_context() {
///         Some(context) if context.is_replaying => {}
///         Some(context) => println!("{} {text}", context.execution_arn),
///         None => println!("{text}"),
///     }
/// }
/// # log("hello");
/// ```
pub fn log_context() -> Option<LogContext> {
    let scope = current()?;
    let shared = &scope.shared;
    let execution_arn = Arc::clone(shared.execution_arn());
    let request_id = shared.lambda_context().request_id.clone();
    Some(match scope.place {
        Place::Context(key) => {
            let (is_replaying, operation) =
                shared.drive(|engine| (engine.is_replaying(key), engine.enclosing_operation(key)));
            let fields = fields(shared, operation, None);
            LogContext { execution_arn, request_id, step: None, is_replaying, fields }
        }
        Place::Step(step) => {
            let fields = fields(shared, Some(step.id), Some(step.attempt));
            let step = LogStep {
                operation_id: step.id.to_string(),
                operation_name: step.name.clone(),
                attempt: step.attempt,
            };
            LogContext { execution_arn, request_id, step: Some(step), is_replaying: false, fields }
        }
    })
}

fn fields(
    shared: &Shared,
    operation: Option<OperationId>,
    attempt: Option<u32>,
) -> Vec<(&'static str, Value)> {
    let Some(observers) = shared.observers() else { return Vec::new() };
    let id = operation.map(|id| id.to_string());
    observers.log_fields(&CodeLocation { operation_id: id.as_deref(), attempt })
}
