//! Spans as text, for messages about them.

use super::span::{EXECUTION_ARN, Span};

/// A line for each span, in the order of their start times.
pub(super) fn listing(spans: &[Span]) -> String {
    let mut ordered: Vec<&Span> = spans.iter().collect();
    ordered.sort_by_key(|span| (span.start, span.end));
    let origin = ordered.first().map_or(0, |span| span.start);
    ordered.into_iter().map(|span| format!("\n      {}", line(span, origin, spans))).collect()
}

fn line(span: &Span, origin: u64, spans: &[Span]) -> String {
    let milliseconds = |time: u64| time.saturating_sub(origin) / 1_000_000;
    let name = |id: &str| match spans.iter().find(|span| span.id.span == id) {
        Some(span) => format!("{} {id}", span.name),
        None => format!("? {id}"),
    };
    let parent = span.parent_span_id.as_ref().map(|id| format!(" below {}", name(id))).unwrap_or_default();
    let links: String = span.links.iter().map(|id| format!(" -> {}", name(&id.span))).collect();
    let attributes: String = span
        .attributes
        .iter()
        .filter(|(key, _)| *key != EXECUTION_ARN)
        .map(|(key, value)| format!(" {}={value}", key.strip_prefix("durable.").unwrap_or(key)))
        .collect();
    format!(
        "{} {} {} {}..{} ms{parent}{links}{attributes}",
        span.id.span,
        span.name,
        span.status,
        milliseconds(span.start),
        milliseconds(span.end),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::telemetry::fixture::span;

    #[test]
    fn spans_are_listed_by_time_with_their_parents_and_links() {
        let workflow = span("Workflow").with_id("w").lasting(1_000_000, 9_000_000);
        let charge = span("charge")
            .with_id("c")
            .lasting(2_000_000, 3_000_000)
            .child_of(&workflow)
            .linked_to(&span("lost"))
            .with_attribute("durable.attempt.number", json!(1));

        let text = listing(&[charge, workflow]);

        assert_eq!(
            text.lines().map(str::trim).collect::<Vec<_>>(),
            ["", "w Workflow OK 0..8 ms", "c charge OK 1..2 ms below Workflow w -> ? lost attempt.number=1"]
        );
    }
}
