//! What a log line may say of where it was written.

use std::sync::Arc;

use crate::scope::{Place, current};

/// Where in an execution a log line is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogContext {
    /// The ARN of the execution.
    pub execution_arn: Arc<str>,
    /// The step whose body writes it; none outside of steps.
    pub step: Option<LogStep>,
    /// Whether the code runs again over what is recorded, so that the line was written before.
    pub is_replaying: bool,
}

/// A step whose body writes a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStep {
    /// The id of the step.
    pub operation_id: String,
    /// Its name.
    pub operation_name: Option<String>,
    /// The number of the attempt; the first is 1.
    pub attempt: u32,
}

/// Where in an execution this thread is, for loggers; none outside of handlers and bodies, such as in tasks they spawn.
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
    let execution_arn = Arc::clone(scope.shared.execution_arn());
    Some(match scope.place {
        Place::Context(key) => {
            let is_replaying = scope.shared.drive(|engine| engine.is_replaying(key));
            LogContext { execution_arn, step: None, is_replaying }
        }
        Place::Step(step) => {
            let step = LogStep {
                operation_id: step.id.to_string(),
                operation_name: step.name.clone(),
                attempt: step.attempt,
            };
            LogContext { execution_arn, step: Some(step), is_replaying: false }
        }
    })
}
