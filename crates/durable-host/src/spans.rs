//! The `tracing` spans of commands and invocations. Their names, targets and fields are documented in docs/local.md.

use durable_service::ExecutionId;
use durable_types::DurableExecutionArn;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use crate::command_kind::CommandKind;
use crate::milliseconds::milliseconds;

/// Creates the span of a command to an execution, within the current span.
pub(crate) fn command(kind: CommandKind, arn: &DurableExecutionArn) -> Span {
    tracing::debug_span!(
        target: "durable::command",
        "command",
        command = kind.name(),
        execution = arn.as_str(),
        function = arn.function_name(),
        outcome = Empty,
        duration_ms = Empty,
    )
}

/// Creates the span of a command to an execution whose ARN is recorded later, with [`record_execution`].
pub(crate) fn command_to_unknown(kind: CommandKind) -> Span {
    tracing::debug_span!(
        target: "durable::command",
        "command",
        command = kind.name(),
        execution = Empty,
        function = Empty,
        outcome = Empty,
        duration_ms = Empty,
    )
}

/// Records the execution that handles a command.
pub(crate) fn record_execution(span: &Span, arn: &DurableExecutionArn) {
    span.record("execution", arn.as_str()).record("function", arn.function_name());
}

/// Creates the span of an invocation of an execution's function. It follows from the current span, which does not wait
/// for it.
pub(crate) fn invocation(arn: &DurableExecutionArn, request_id: &str) -> Span {
    follow(tracing::debug_span!(
        target: "durable::invocation",
        parent: None,
        "invocation",
        execution = arn.as_str(),
        function = arn.function_name(),
        request_id,
        outcome = Empty,
        queued_ms = Empty,
        duration_ms = Empty,
    ))
}

/// Creates the span of a call of a plain function.
pub(crate) fn call(function: &str) -> Span {
    follow(tracing::debug_span!(
        target: "durable::invocation",
        parent: None,
        "invocation",
        function,
        outcome = Empty,
        queued_ms = Empty,
        duration_ms = Empty,
    ))
}

fn follow(span: Span) -> Span {
    if !span.is_disabled() {
        span.follows_from(Span::current());
    }
    span
}

/// The span of a command, which covers the time until its answer.
#[derive(Debug)]
pub(crate) struct CommandSpan {
    pub(crate) span: Span,
    began: Instant,
}

/// A command as the cause of events of an execution.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) execution: ExecutionId,
    pub(crate) span: Span,
}

impl CommandSpan {
    /// Begins the command, unless its span is disabled.
    pub(crate) fn begin(span: Span) -> Option<Self> {
        (!span.is_disabled()).then(|| Self { span, began: Instant::now() })
    }

    /// Returns the command as the cause of events of an execution.
    pub(crate) fn cause(&self, execution: &ExecutionId) -> Cause {
        Cause { execution: execution.clone(), span: self.span.clone() }
    }

    /// Ends the command.
    pub(crate) fn end(&self, outcome: &'static str) {
        self.span.record("outcome", outcome);
        self.span.record("duration_ms", milliseconds(self.began.elapsed()));
    }
}
