//! The notes below an operation.

use durable_timeline::{Detail, Kind, OperationSpan, Timeline, text};
use durable_types::DurableExecutionArn;

/// Returns the id of a callback while it can be answered. It is never cut, because only the whole id is usable.
pub(super) fn callback_id(operation: &OperationSpan, timeline: &Timeline) -> Option<String> {
    let Detail::Callback { callback_id, .. } = &operation.detail else { return None };
    let is_awaited = !operation.has_ended() && !timeline.execution().has_ended();
    callback_id.as_ref().filter(|_| is_awaited).map(|id| format!("callback id {id}"))
}

/// Returns the other notes, one line each.
pub(super) fn notes(operation: &OperationSpan) -> Vec<String> {
    let about = match &operation.detail {
        Detail::Invoke { function: Some(function), execution_arn } => {
            let execution = execution_arn.as_deref().map(execution_name);
            let execution = execution.map(|name| format!(", execution {name}")).unwrap_or_default();
            Some(format!("calls {function}{execution}"))
        }
        Detail::Marker { .. } => {
            let decision = text::title(operation);
            let decision = decision.strip_prefix(&operation.label().to_string());
            decision.and_then(|decision| decision.strip_prefix(": ")).map(str::to_owned)
        }
        _ => text::progress(operation).filter(|_| is_worth_a_note(operation)),
    };
    about.into_iter().chain(text::notes(operation)).collect()
}

/// The items of a batch that has ended are listed below it, so only its exceptions are worth a note.
fn is_worth_a_note(batch: &OperationSpan) -> bool {
    let is_batch = matches!(batch.kind, Kind::Map | Kind::Parallel);
    is_batch && (!batch.has_ended() || batch.progress.succeeded < batch.progress.started)
}

/// Returns the name of an execution, by which other commands identify it, or else the whole ARN.
fn execution_name(arn: &str) -> String {
    let parsed = arn.parse::<DurableExecutionArn>();
    parsed.map_or_else(|_| arn.to_owned(), |arn| arn.execution_name().to_owned())
}
