//! What must be true of all spans together.

use std::collections::{BTreeMap, BTreeSet};

use super::assertions::TelemetryAssertions;
use super::span::Span;

/// The attribute that all invocation spans have.
const IS_FIRST: &str = "durable.invocation.first";

/// What is wrong with the spans of an execution as a whole.
pub(super) fn trace_problems(
    assertions: &TelemetryAssertions,
    execution_arn: &str,
    spans: &[Span],
) -> Vec<String> {
    let mut problems = Vec::new();
    if spans.len() < assertions.minimum_spans {
        problems.push(format!("there are {} spans, expected {}", spans.len(), assertions.minimum_spans));
    }
    let is_invocation = |span: &&Span| span.name == "Invocation" && span.attributes.contains_key(IS_FIRST);
    let invocations = spans.iter().filter(is_invocation).count();
    if assertions.minimum_invocations > 1 && invocations < assertions.minimum_invocations {
        let expected = assertions.minimum_invocations;
        problems.push(format!("there are {invocations} invocation spans, expected {expected}"));
    }
    let reversed = spans.iter().filter(|span| span.start > span.end);
    problems.extend(reversed.map(|span| format!("{span} ends before it starts")));
    if assertions.require_execution_correlation {
        correlate(&assertions.allowed(execution_arn), execution_arn, spans, &mut problems);
    }
    if assertions.require_unique_root_per_trace {
        problems.extend(root_problems(spans));
    }
    problems
}

/// Some span must belong to the execution, and none to one that is not allowed.
fn correlate(allowed: &[&str], execution_arn: &str, spans: &[Span], problems: &mut Vec<String>) {
    if !spans.iter().any(|span| span.execution_arn() == Some(execution_arn)) {
        problems.push(format!("no span carries the ARN of the execution, {execution_arn}"));
    }
    for span in spans {
        if let Some(arn) = span.execution_arn().filter(|arn| !allowed.contains(arn)) {
            problems.push(format!("{span} carries the ARN of another execution, {arn}"));
        }
    }
}

/// Each trace must have one root: a span whose parent is not part of it.
fn root_problems(spans: &[Span]) -> Vec<String> {
    let mut traces: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
    for span in spans {
        traces.entry(&span.id.trace).or_default().push(span);
    }
    let mut problems = Vec::new();
    for (trace, spans) in traces {
        let ids: BTreeSet<&str> = spans.iter().map(|span| span.id.span.as_str()).collect();
        let is_root =
            |span: &&&Span| span.parent_span_id.as_ref().is_none_or(|id| !ids.contains(id.as_str()));
        let roots: BTreeMap<_, _> = spans.iter().filter(is_root).map(|span| (&span.id, *span)).collect();
        if roots.len() != 1 {
            let names: Vec<_> = roots.values().map(|span| root(span)).collect();
            problems.push(format!(
                "trace {trace} has {} roots, expected one: {}",
                roots.len(),
                names.join(", ")
            ));
        }
    }
    problems
}

fn root(span: &Span) -> String {
    match &span.parent_span_id {
        Some(parent) => format!("{span} below {parent}, which is not there"),
        None => span.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::conformance::telemetry::fixture::{ARN, span};
    use crate::conformance::telemetry::span::EXECUTION_ARN;
    use crate::conformance::variables::Variables;

    fn problems(assertions: Value, spans: &[Span]) -> Vec<String> {
        let assertions = TelemetryAssertions::read(&assertions, &Variables::default()).unwrap();
        trace_problems(&assertions, ARN, spans)
    }

    fn invocation(id: &str) -> Span {
        span("Invocation").with_id(id).with_attribute(IS_FIRST, json!(false))
    }

    #[test]
    fn too_few_spans_are_a_problem() {
        let spans = [span("a"), span("b")];

        assert_eq!(problems(json!({"minimum_spans": 2}), &spans), [""; 0]);
        assert_eq!(problems(json!({"minimum_spans": 3}), &spans), ["there are 2 spans, expected 3"]);
    }

    #[test]
    fn too_few_invocations_are_a_problem() {
        let minimum = json!({"minimum_invocations": 2});

        assert_eq!(problems(minimum.clone(), &[invocation("1"), invocation("2")]), [""; 0]);
        for other in [span("Invocation"), span("Workflow").with_attribute(IS_FIRST, json!(true))] {
            assert_eq!(
                problems(minimum.clone(), &[invocation("1"), other]),
                ["there are 1 invocation spans, expected 2"]
            );
        }
    }

    #[test]
    fn a_span_that_ends_before_it_starts_is_a_problem() {
        assert_eq!(problems(json!({}), &[span("a").lasting(10, 10)]), [""; 0]);
        assert_eq!(problems(json!({}), &[span("a").lasting(10, 9)]), ["`a` (a) ends before it starts"]);
    }

    #[test]
    fn a_span_of_another_execution_is_a_problem_unless_that_is_allowed() {
        let target = "arn:aws:lambda:target";
        let spans = [span("a"), span("b").with_attribute(EXECUTION_ARN, json!(target))];

        assert_eq!(
            problems(json!({}), &spans),
            [format!("`b` (b) carries the ARN of another execution, {target}")]
        );
        assert_eq!(problems(json!({"allowed_execution_arns": [ARN, target]}), &spans), [""; 0]);
        assert_eq!(problems(json!({"require_execution_correlation": false}), &spans), [""; 0]);
    }

    #[test]
    fn spans_without_a_span_of_the_execution_are_a_problem() {
        let other = span("a").without_attribute(EXECUTION_ARN);

        assert_eq!(
            problems(json!({}), std::slice::from_ref(&other)),
            [format!("no span carries the ARN of the execution, {ARN}")]
        );
        assert_eq!(problems(json!({}), &[other, span("b")]), [""; 0]);
    }

    #[test]
    fn a_trace_has_one_root() {
        let unique = json!({"require_unique_root_per_trace": true});
        let root = span("Workflow");
        let child = span("Invocation").child_of(&root);

        assert_eq!(problems(unique.clone(), &[root.clone(), child.clone()]), [""; 0]);
        assert_eq!(
            problems(unique.clone(), &[root.clone(), span("Invocation")]),
            ["trace trace has 2 roots, expected one: `Invocation` (Invocation), `Workflow` (Workflow)"]
        );
        assert_eq!(problems(json!({}), &[root.clone(), span("Invocation")]), [""; 0]);
        assert_eq!(
            problems(unique, &[root, child, span("charge").in_trace("other").child_of(&span("lost"))]),
            [""; 0],
            "each trace has one of its own"
        );
    }

    #[test]
    fn a_span_below_one_that_is_not_there_is_a_root() {
        let lost = span("charge").child_of(&span("lost"));

        let found = problems(json!({"require_unique_root_per_trace": true}), &[span("Workflow"), lost]);

        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`charge` (charge) below lost, which is not there"), "{found:?}");
    }

    #[test]
    fn a_root_that_was_exported_twice_is_one() {
        let unique = json!({"require_unique_root_per_trace": true});

        assert_eq!(problems(unique, &[span("Workflow"), span("Workflow")]), [""; 0]);
    }

    #[test]
    fn spans_that_are_each_the_parent_of_the_other_have_no_root() {
        let (a, b) = (span("a").child_of(&span("b")), span("b").child_of(&span("a")));

        let found = problems(json!({"require_unique_root_per_trace": true}), &[a, b]);

        assert_eq!(found, ["trace trace has 0 roots, expected one: "]);
    }
}
