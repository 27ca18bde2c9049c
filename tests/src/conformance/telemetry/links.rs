//! Whether a span links to the spans that are expected.

use super::assertions::ExpectedLink;
use super::span::{Span, SpanId};
use crate::conformance::failure::Failure;

/// What is wrong with the links of a span, which are compared one by one.
pub(super) fn link_problems(
    expected: &[ExpectedLink],
    span: &Span,
    spans: &[Span],
) -> Result<Vec<String>, Failure> {
    if expected.len() != span.links.len() {
        let names: Vec<_> = span.links.iter().map(|id| describe(id, spans)).collect();
        let (count, names) = (span.links.len(), names.join(", "));
        return Ok(vec![format!("it has {count} links [{names}], expected {}", expected.len())]);
    }
    let mut problems = Vec::new();
    for (expected, id) in expected.iter().zip(&span.links) {
        let found = problems_of(expected, id, spans)?;
        problems
            .extend(found.into_iter().map(|found| format!("its link to {}: {found}", describe(id, spans))));
    }
    Ok(problems)
}

fn problems_of(expected: &ExpectedLink, id: &SpanId, spans: &[Span]) -> Result<Vec<String>, Failure> {
    let mut linked = spans.iter().filter(|span| span.id == *id);
    let Some(first) = linked.next() else {
        return Ok(vec!["there is no such span".to_owned()]);
    };
    if linked.next().is_some() {
        return Ok(vec!["several spans have this id".to_owned()]);
    }
    let differences = expected.span.differences(first)?;
    let Some(occurrence) = expected.occurrence.filter(|_| differences.is_empty()) else {
        return Ok(differences);
    };
    let actual = occurrence_of(first, &expected.span.select(spans)?);
    if actual == Some(occurrence) {
        return Ok(Vec::new());
    }
    let actual = actual.map_or_else(|| "none".to_owned(), |actual| actual.to_string());
    Ok(vec![format!("it is occurrence {actual}, expected {occurrence} of {}", expected.span.text())])
}

/// Which one a span is of several in the order of their start times.
fn occurrence_of(span: &Span, alike: &[&Span]) -> Option<usize> {
    let mut alike = alike.to_vec();
    alike.sort_by_key(|span| (span.start, span.end, &span.id));
    alike.dedup_by_key(|span| &span.id);
    alike.iter().position(|candidate| candidate.id == span.id)?.checked_add(1)
}

fn describe(id: &SpanId, spans: &[Span]) -> String {
    match spans.iter().find(|span| span.id == *id) {
        Some(span) => span.to_string(),
        None => format!("{}:{}", id.trace, id.span),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::conformance::telemetry::fixture::span;

    fn problems(expected: Value, span: &Span, spans: &[Span]) -> Vec<String> {
        let expected: Vec<ExpectedLink> = serde_json::from_value(expected).unwrap();
        link_problems(&expected, span, spans).unwrap()
    }

    #[test]
    fn the_list_of_links_is_complete() {
        let (workflow, invocation) = (span("Workflow"), span("Invocation"));
        let spans = [workflow.clone(), invocation.clone()];
        let expected = json!([{"name": "Workflow"}]);

        assert_eq!(problems(expected.clone(), &span("charge").linked_to(&workflow), &spans), [""; 0]);
        assert_eq!(
            problems(expected.clone(), &span("charge").linked_to(&workflow).linked_to(&invocation), &spans),
            ["it has 2 links [`Workflow` (Workflow), `Invocation` (Invocation)], expected 1"]
        );
        assert_eq!(problems(expected, &span("charge"), &spans), ["it has 0 links [], expected 1"]);
        assert_eq!(problems(json!([]), &span("charge").linked_to(&workflow), &spans).len(), 1);
    }

    #[test]
    fn a_linked_span_has_the_expected_properties() {
        let invocation = span("Invocation");

        let found = problems(
            json!([{"name": "Workflow"}]),
            &span("charge").linked_to(&invocation),
            std::slice::from_ref(&invocation),
        );

        assert_eq!(
            found,
            [r#"its link to `Invocation` (Invocation): name is "Invocation", expected "Workflow""#]
        );
    }

    #[test]
    fn a_link_leads_to_a_span_that_was_exported_once() {
        let workflow = span("Workflow");
        let charge = span("charge").linked_to(&workflow);
        let expected = json!([{"name": "Workflow"}]);

        assert_eq!(
            problems(expected.clone(), &charge, &[]),
            ["its link to trace:Workflow: there is no such span"]
        );
        assert_eq!(problems(expected, &charge, &[workflow.clone(), workflow]).len(), 1);
    }

    #[test]
    fn an_occurrence_counts_spans_alike_by_their_start_times() {
        let second = span("Invocation").with_id("a").lasting(30, 40);
        let first = span("Invocation").with_id("b").lasting(10, 20);
        let other = span("Workflow").lasting(0, 50);
        let spans = [second.clone(), first.clone(), other];
        let expected = |occurrence| json!([{"$occurrence": occurrence, "name": "Invocation"}]);

        assert_eq!(problems(expected(1), &span("charge").linked_to(&first), &spans), [""; 0]);
        assert_eq!(problems(expected(2), &span("charge").linked_to(&second), &spans), [""; 0]);
        let found = problems(expected(2), &span("charge").linked_to(&first), &spans);
        assert!(found[0].contains("is occurrence 1, expected 2"), "{found:?}");
    }
}
