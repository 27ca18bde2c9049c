//! Whether a span has the parent that is expected.

use super::assertions::ExpectedParent;
use super::order::stays_within;
use super::span::Span;
use crate::conformance::failure::Failure;

/// What is wrong with the parent of a span. A parent that was exported twice is right if one of the two is.
pub(super) fn parent_problems(
    expected: &ExpectedParent,
    span: &Span,
    spans: &[Span],
) -> Result<Vec<String>, Failure> {
    let Some(id) = span.parent() else {
        return Ok(vec![format!("it has no parent, expected {}", expected.span.text())]);
    };
    let mut problems = Vec::new();
    for parent in spans.iter().filter(|candidate| candidate.id == id) {
        let mut differences = expected.span.differences(parent)?;
        if !expected.allow_outside {
            differences.extend(stays_within(span, parent).err());
        }
        if differences.is_empty() {
            return Ok(Vec::new());
        }
        problems.extend(differences.iter().map(|difference| format!("its parent {parent}: {difference}")));
    }
    if problems.is_empty() {
        problems.push(format!("its parent {} is not in the trace", id.span));
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::telemetry::fixture::{selector, span};

    fn problems(allow_outside: bool, span: &Span, spans: &[Span]) -> Vec<String> {
        let expected = ExpectedParent { allow_outside, span: selector(json!({"name": "Workflow"})) };
        parent_problems(&expected, span, spans).unwrap()
    }

    #[test]
    fn the_parent_has_the_expected_properties() {
        let (workflow, invocation) = (span("Workflow"), span("Invocation"));

        let right = problems(false, &span("charge").child_of(&workflow), &[invocation.clone(), workflow]);
        let wrong = problems(false, &span("charge").child_of(&invocation), std::slice::from_ref(&invocation));

        assert_eq!(right, [""; 0]);
        assert_eq!(
            wrong,
            [r#"its parent `Invocation` (Invocation): name is "Invocation", expected "Workflow""#]
        );
    }

    #[test]
    fn a_missing_parent_is_a_problem() {
        let workflow = span("Workflow");
        let elsewhere = span("Workflow").in_trace("other");

        assert!(
            problems(false, &span("charge"), std::slice::from_ref(&workflow))[0].contains("has no parent")
        );
        for spans in [vec![], vec![elsewhere]] {
            let found = problems(false, &span("charge").child_of(&workflow), &spans);
            assert_eq!(found, ["its parent Workflow is not in the trace"]);
        }
    }

    #[test]
    fn a_span_stays_within_its_parent_unless_it_need_not() {
        let workflow = span("Workflow").lasting(10, 20);
        let early = span("charge").child_of(&workflow).lasting(9, 15);
        let late = span("charge").child_of(&workflow).lasting(15, 21);

        for outside in [early, late] {
            let spans = std::slice::from_ref(&workflow);
            assert_eq!(problems(false, &outside, spans).len(), 1);
            assert_eq!(problems(true, &outside, spans), [""; 0]);
        }
    }

    #[test]
    fn one_of_the_parents_with_the_same_id_is_enough() {
        let first = span("otel-callback").with_id("id");
        let second = span("Workflow").with_id("id");

        assert_eq!(problems(false, &span("charge").child_of(&first), &[first, second]), [""; 0]);
    }
}
