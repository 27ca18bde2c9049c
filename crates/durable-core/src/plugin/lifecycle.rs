//! Lifecycle events of executions as `tracing` events.

use tracing::{Level, debug, enabled};

use super::hooks::{
    AttemptEnd, AttemptOutcome, InvocationEnd, InvocationInfo, InvocationStatus, OperationEnd, OperationStart,
};
use super::plugin::Plugin;
use super::plugins::Plugins;
use crate::error::BoxError;

/// Emits a `tracing` event for each step in the life of an execution; see [`logging`](crate::logging).
pub(crate) struct Lifecycle {
    execution_arn: String,
}

impl Lifecycle {
    /// Adds lifecycle events to plugins, if a subscriber wants them.
    pub(crate) fn observe(plugins: &Plugins) -> Plugins {
        if !enabled!(target: "durable::lifecycle", Level::DEBUG) {
            return plugins.clone();
        }
        let create =
            |invocation: &InvocationInfo<'_>| Self { execution_arn: invocation.execution_arn.to_owned() };
        Plugins::default().with(create).and(plugins.clone())
    }
}

impl Plugin for Lifecycle {
    async fn invocation_started(&self, invocation: &InvocationInfo<'_>) -> Result<(), BoxError> {
        debug!(
            name: "durable.execution.resumed",
            target: "durable::lifecycle",
            executionArn = invocation.execution_arn,
            requestId = invocation.lambda_context.request_id,
            isFirst = invocation.is_first,
            operations = invocation.operations.len(),
            "{}",
            if invocation.is_first { "execution started" } else { "execution resumed" },
        );
        Ok(())
    }

    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        let message = match end.status {
            InvocationStatus::Pending => "execution suspended",
            InvocationStatus::Succeeded => "execution succeeded",
            InvocationStatus::Failed => "execution failed",
            InvocationStatus::Retrying => "invocation failed",
        };
        debug!(
            name: "durable.invocation.ended",
            target: "durable::lifecycle",
            executionArn = end.invocation.execution_arn,
            requestId = end.invocation.lambda_context.request_id,
            status = end.status.as_str(),
            errorType = end.error.and_then(|error| error.error_type.as_deref()),
            errorMessage = end.error.and_then(|error| error.error_message.as_deref()),
            "{message}",
        );
        Ok(())
    }

    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        let operation = start.operation;
        debug!(
            name: "durable.operation.started",
            target: "durable::lifecycle",
            executionArn = self.execution_arn,
            operationId = operation.id.as_str(),
            operationName = operation.name.as_deref(),
            operationType = %operation.operation_type,
            isReplay = start.is_replay,
            "operation started",
        );
        Ok(())
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        let operation = end.operation;
        debug!(
            name: "durable.operation.ended",
            target: "durable::lifecycle",
            executionArn = self.execution_arn,
            operationId = operation.id.as_str(),
            operationName = operation.name.as_deref(),
            operationType = %operation.operation_type,
            status = %operation.status,
            errorType = operation.error.as_ref().and_then(|error| error.error_type.as_deref()),
            errorMessage = operation.error.as_ref().and_then(|error| error.error_message.as_deref()),
            "operation ended",
        );
        Ok(())
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        if end.outcome != AttemptOutcome::Failed {
            return Ok(());
        }
        let operation = end.start.operation;
        debug!(
            name: "durable.attempt.failed",
            target: "durable::lifecycle",
            executionArn = self.execution_arn,
            operationId = operation.id.as_str(),
            operationName = operation.name.as_deref(),
            attempt = end.start.attempt,
            errorType = end.error.and_then(|error| error.error_type.as_deref()),
            errorMessage = end.error.and_then(|error| error.error_message.as_deref()),
            "attempt failed",
        );
        Ok(())
    }
}
