//! Whether the spans of an execution are what a requirement asserts.

use super::assertions::{SpanAssertion, TelemetryAssertions};
use super::links::link_problems;
use super::listing::listing;
use super::order::order_problems;
use super::parent::parent_problems;
use super::span::Span;
use super::trace::trace_problems;
use crate::conformance::failure::Failure;

/// Evaluates all assertions about the spans of an execution; the failure names every one that does not hold.
pub(crate) fn evaluate(
    assertions: &TelemetryAssertions,
    execution_arn: &str,
    spans: &[Span],
) -> Result<(), Failure> {
    let mut problems = trace_problems(assertions, execution_arn, spans);
    let evaluation = Evaluation { assertions, allowed: assertions.allowed(execution_arn), spans };
    let mut is_covered = vec![false; spans.len()];
    for assertion in &assertions.span_assertions {
        problems.extend(evaluation.assertion(assertion, &mut is_covered)?);
    }
    if assertions.require_all_spans {
        problems.extend(evaluation.uncovered(&is_covered)?);
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{}\n    the spans are{}", problems.join("\n    "), listing(spans))))
}

struct Evaluation<'a> {
    assertions: &'a TelemetryAssertions,
    allowed: Vec<&'a str>,
    spans: &'a [Span],
}

impl Evaluation<'_> {
    /// Evaluates one assertion about the spans that none before it was about.
    fn assertion(&self, assertion: &SpanAssertion, is_covered: &mut [bool]) -> Result<Vec<String>, Failure> {
        let mut selected = Vec::new();
        for (span, is_covered) in self.spans.iter().zip(is_covered) {
            if !*is_covered && assertion.select.matches(span)? {
                selected.push((span, is_covered));
            }
        }
        if !assertion.count.is_met_by(selected.len()) {
            let (count, select) = (selected.len(), assertion.select.text());
            return Ok(vec![format!("{count} spans match {select}, expected {}", assertion.count)]);
        }
        let mut problems = Vec::new();
        for (span, is_covered) in selected {
            *is_covered = true;
            let found = self.expectation(assertion, span)?;
            problems.extend(found.into_iter().map(|found| format!("{span}: {found}")));
        }
        Ok(problems)
    }

    fn expectation(&self, assertion: &SpanAssertion, span: &Span) -> Result<Vec<String>, Failure> {
        let expected = &assertion.expect;
        let mut problems = expected.properties.differences(span)?;
        problems.extend(self.unexpected_attributes(assertion, span));
        if self.assertions.require_execution_correlation {
            let is_allowed = span.execution_arn().is_some_and(|arn| self.allowed.contains(&arn));
            problems.extend((!is_allowed).then(|| "it carries the ARN of no allowed execution".to_owned()));
        }
        if let Some(parent) = &expected.parent {
            problems.extend(parent_problems(parent, span, self.spans)?);
        }
        if let Some(links) = &expected.links {
            problems.extend(link_problems(links, span, self.spans)?);
        }
        problems.extend(order_problems(expected, span, self.spans)?);
        Ok(problems)
    }

    /// Attributes with a prefix of which all must be expected, but that are not.
    fn unexpected_attributes(&self, assertion: &SpanAssertion, span: &Span) -> Vec<String> {
        let Some(expected) = assertion.expect.properties.attributes() else { return Vec::new() };
        let is_exact = |name: &str| {
            self.assertions.exact_attribute_prefixes.iter().any(|prefix| name.starts_with(prefix))
        };
        let found =
            span.attributes.iter().filter(|(name, _)| is_exact(name) && !expected.contains_key(*name));
        found.map(|(name, value)| format!("attributes.{name} is {value}, expected none")).collect()
    }

    /// Spans in the scope of the assertions that none is about.
    fn uncovered(&self, is_covered: &[bool]) -> Result<Vec<String>, Failure> {
        let mut problems = Vec::new();
        for (span, _) in self.spans.iter().zip(is_covered).filter(|(_, is_covered)| !**is_covered) {
            if self.is_in_scope(span)? {
                problems.push(format!("no assertion is about {span}"));
            }
        }
        Ok(problems)
    }

    fn is_in_scope(&self, span: &Span) -> Result<bool, Failure> {
        let scopes = &self.assertions.span_assertion_scope;
        for scope in scopes {
            if scope.matches(span)? {
                return Ok(true);
            }
        }
        Ok(scopes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::conformance::telemetry::fixture::{ARN, span};
    use crate::conformance::telemetry::span::EXECUTION_ARN;
    use crate::conformance::variables::Variables;

    /// The lines about what does not hold.
    fn problems(assertions: Value, spans: &[Span]) -> Vec<String> {
        let assertions = TelemetryAssertions::read(&assertions, &Variables::default()).unwrap();
        let Err(failure) = evaluate(&assertions, ARN, spans) else { return Vec::new() };
        let lines = failure.to_string();
        lines.lines().map(str::trim).take_while(|line| *line != "the spans are").map(str::to_owned).collect()
    }

    fn one(select: Value, expect: Value) -> Value {
        json!({"span_assertions": [{"select": select, "expect": expect}]})
    }

    #[test]
    fn each_selected_span_must_be_as_expected() {
        let expected = one(json!({"name": "charge"}), json!({"status": "OK", "kind": "INTERNAL"}));

        assert_eq!(problems(expected.clone(), &[span("charge")]), [""; 0]);
        assert_eq!(
            problems(expected, &[span("charge").with_status("ERROR")]),
            [r#"`charge` (charge): status is "ERROR", expected "OK""#]
        );
    }

    #[test]
    fn a_selector_matches_one_span_unless_it_says_otherwise() {
        let two = [span("charge").with_id("1"), span("charge").with_id("2")];
        let counted = |count: Value| json!({"span_assertions": [{"select": {"name": "charge"}, "count": count, "expect": {}}]});

        for spans in [&two[..0], &two[..]] {
            let found = problems(one(json!({"name": "charge"}), json!({})), spans);
            assert_eq!(
                found.last().unwrap(),
                &format!(r#"{} spans match {{"name":"charge"}}, expected 1"#, spans.len())
            );
        }
        assert_eq!(problems(counted(json!(2)), &two), [""; 0]);
        assert_eq!(problems(counted(json!(2)), &two[..1]).len(), 1);
        assert_eq!(problems(counted(json!({"$any_of": [1, 2]})), &two), [""; 0]);
        assert_eq!(
            problems(counted(json!({"$any_of": [1, 3]})), &two),
            [r#"2 spans match {"name":"charge"}, expected any of [1, 3]"#]
        );
    }

    #[test]
    fn every_one_of_several_selected_spans_must_be_as_expected() {
        let assertions = json!({"span_assertions": [
            {"select": {"name": "charge"}, "count": 2, "expect": {"status": "OK"}},
        ]});
        let spans = [span("charge").with_id("1"), span("charge").with_id("2").with_status("UNSET")];

        assert_eq!(problems(assertions, &spans), [r#"`charge` (2): status is "UNSET", expected "OK""#]);
    }

    #[test]
    fn a_span_is_selected_by_the_first_assertion_alone() {
        let assertions = json!({"span_assertions": [
            {"select": {"name": "charge", "status": "ERROR"}, "expect": {}},
            {"select": {"name": "charge"}, "expect": {"status": "OK"}},
        ]});
        let spans = [span("charge").with_id("1").with_status("ERROR"), span("charge").with_id("2")];

        assert_eq!(problems(assertions, &spans), [""; 0]);
    }

    #[test]
    fn a_span_in_scope_that_no_assertion_is_about_is_a_problem() {
        let with = |scope: Value| {
            json!({
                "require_all_spans": true,
                "span_assertion_scope": scope,
                "span_assertions": [{"select": {"name": "charge"}, "expect": {}}],
            })
        };
        let library = span("library").without_attribute(EXECUTION_ARN);
        let scope = json!({"attributes": {EXECUTION_ARN: ARN}});

        assert_eq!(problems(with(scope.clone()), &[span("charge"), library.clone()]), [""; 0]);
        assert_eq!(
            problems(with(scope), &[span("charge"), span("ship")]),
            ["no assertion is about `ship` (ship)"]
        );
        assert_eq!(
            problems(with(json!([])), &[span("charge"), library]),
            ["no assertion is about `library` (library)"]
        );
    }

    #[test]
    fn an_attribute_with_an_exact_prefix_that_nobody_expects_is_a_problem() {
        let assertions = json!({
            "exact_attribute_prefixes": ["durable."],
            "span_assertions": [
                {"select": {"name": "charge"}, "expect": {"attributes": {EXECUTION_ARN: ARN}}},
            ],
        });
        let charge = span("charge").with_attribute("cloud.region", json!("eu"));

        assert_eq!(problems(assertions.clone(), std::slice::from_ref(&charge)), [""; 0]);
        assert_eq!(
            problems(assertions, &[charge.with_attribute("durable.attempt.number", json!(1))]),
            ["`charge` (charge): attributes.durable.attempt.number is 1, expected none"]
        );
    }

    #[test]
    fn a_selected_span_carries_the_arn_of_an_allowed_execution() {
        let spans = [span("Workflow"), span("charge").without_attribute(EXECUTION_ARN)];

        assert_eq!(
            problems(one(json!({"name": "charge"}), json!({})), &spans),
            ["`charge` (charge): it carries the ARN of no allowed execution"]
        );
    }

    #[test]
    fn parents_links_and_times_are_checked() {
        let workflow = span("Workflow");
        let charge = span("charge").child_of(&workflow).linked_to(&workflow);
        let expected = one(
            json!({"name": "charge"}),
            json!({
                "parent": {"name": "Workflow"},
                "links": [{"name": "Workflow"}],
                "inside": {"name": "Workflow"},
            }),
        );

        assert_eq!(problems(expected.clone(), &[charge, workflow.clone()]), [""; 0]);
        let found = problems(expected, &[span("charge").lasting(10, 21), workflow]);
        assert_eq!(
            found,
            [
                r#"`charge` (charge): it has no parent, expected {"name":"Workflow"}"#,
                "`charge` (charge): it has 0 links [], expected 1",
                "`charge` (charge): it ends 1 ns after `Workflow` (Workflow) ends",
            ]
        );
    }

    #[test]
    fn what_is_wrong_with_the_trace_is_reported_too() {
        assert_eq!(problems(json!({"minimum_spans": 2}), &[span("a")]), ["there are 1 spans, expected 2"]);
    }

    #[test]
    fn a_failure_lists_the_spans() {
        let assertions =
            TelemetryAssertions::read(&json!({"minimum_spans": 9}), &Variables::default()).unwrap();

        let failure = evaluate(&assertions, ARN, &[span("charge")]).unwrap_err();

        assert!(failure.to_string().contains("charge OK"), "{failure}");
    }
}
