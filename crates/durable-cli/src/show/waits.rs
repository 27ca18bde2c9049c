//! The operations that an execution is waiting for, as one line.

use durable_timeline::{Kind, OperationSpan, Timeline, WaitingFor, text};
use durable_types::Timestamp;

/// The number of operations that are named.
const MAX_NAMED: usize = 3;

/// Returns what an execution is waiting for, unless it has ended or waits for nothing but its own code.
pub(super) fn waiting_for(timeline: &Timeline, now: Timestamp) -> Option<String> {
    let waits = timeline.waits().operations;
    let named = waits.iter().filter_map(|(operation, waiting_for)| {
        let until = match *waiting_for {
            WaitingFor::Timer { until } | WaitingFor::Retry { until, .. } => until,
            WaitingFor::Callback { deadline, .. } => deadline,
            WaitingFor::Invoke { .. } => None,
            _ => return None,
        };
        let left = until.map(|until| format!(" ({} left)", text::duration(until.saturating_since(now))));
        Some(format!("{}{}", name(timeline, operation, waiting_for), left.unwrap_or_default()))
    });
    let mut named: Vec<_> = named.collect();
    let more = named.len().saturating_sub(MAX_NAMED);
    named.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("waiting: {}{more}", named.join(", ")))
}

fn name(timeline: &Timeline, operation: &OperationSpan, waiting_for: &WaitingFor<'_>) -> String {
    let label = operation.label();
    // The callback within a wait for a callback has no name of its own.
    let around = timeline.parent(operation).filter(|parent| parent.kind == Kind::WaitForCallback);
    let label = match around.and_then(|around| around.name.as_deref()) {
        Some(name) if label.name.is_none() => format!("{label} {name}"),
        Some(_) | None => label.to_string(),
    };
    match waiting_for {
        WaitingFor::Retry { attempt, .. } => format!("attempt {attempt} of {label}"),
        _ => label,
    }
}
