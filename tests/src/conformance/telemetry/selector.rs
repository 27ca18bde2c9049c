//! The properties by which a requirement selects spans, or that it expects of them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::span::Span;
use crate::conformance::failure::Failure;
use crate::conformance::value::{equal, is_found};

/// The only key of an object that lists alternatives.
const ANY_OF: &str = "$any_of";

/// Properties of a span, as far as a requirement names them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Selector(Map<String, Value>);

impl Selector {
    /// Whether a span has these properties.
    pub(crate) fn matches(&self, span: &Span) -> Result<bool, Failure> {
        Ok(self.differences(span)?.is_empty())
    }

    /// The spans that have these properties.
    pub(crate) fn select<'s>(
        &self,
        spans: impl IntoIterator<Item = &'s Span>,
    ) -> Result<Vec<&'s Span>, Failure> {
        let mut selected = Vec::new();
        for span in spans {
            if self.matches(span)? {
                selected.push(span);
            }
        }
        Ok(selected)
    }

    /// What differs between these properties and those of a span.
    pub(crate) fn differences(&self, span: &Span) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        for (name, expected) in &self.0 {
            match span.property(name) {
                Some(actual) => differences(name, expected, &actual, &mut found)?,
                None => found.push(format!("there is no property {name}")),
            }
        }
        Ok(found)
    }

    /// The attributes that it names.
    pub(crate) fn attributes(&self) -> Option<&Map<String, Value>> {
        self.0.get("attributes")?.as_object()
    }

    /// The selector as a requirement has it.
    pub(crate) fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// Adds what differs between a value and the expected one.
fn differences(
    place: &str,
    expected: &Value,
    actual: &Value,
    found: &mut Vec<String>,
) -> Result<(), Failure> {
    let is_same = match expected {
        Value::String(pattern) if pattern == "*" => true,
        Value::String(pattern) => match pattern.strip_prefix("${/").and_then(|it| it.strip_suffix("/}")) {
            Some(expression) => is_found(expression, actual)?,
            None => equal(expected, actual),
        },
        Value::Object(members) => match members.get(ANY_OF).and_then(Value::as_array) {
            Some(alternatives) if members.len() == 1 => any_equals(alternatives, actual)?,
            _ => return member_differences(place, members, actual, found),
        },
        _ => equal(expected, actual),
    };
    if !is_same {
        found.push(format!("{place} is {actual}, expected {expected}"));
    }
    Ok(())
}

fn any_equals(alternatives: &[Value], actual: &Value) -> Result<bool, Failure> {
    for alternative in alternatives {
        let mut found = Vec::new();
        differences("", alternative, actual, &mut found)?;
        if found.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Ignores members that are not expected.
fn member_differences(
    place: &str,
    expected: &Map<String, Value>,
    actual: &Value,
    found: &mut Vec<String>,
) -> Result<(), Failure> {
    for (key, expected) in expected {
        let place = format!("{place}.{key}");
        match actual.get(key) {
            Some(actual) => differences(&place, expected, actual, found)?,
            None => found.push(format!("{place} is missing, expected {expected}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::telemetry::fixture::{selector, span};

    fn differences(expected: Value) -> Vec<String> {
        let span = span("charge")
            .with_attribute("durable.attempt.number", json!(2))
            .with_attribute("durable.invocation.first", json!(true));
        selector(expected).differences(&span).unwrap()
    }

    #[test]
    fn properties_are_compared_by_name_and_attributes_as_far_as_they_are_named() {
        let expected = json!({
            "name": "charge", "kind": "INTERNAL", "status": "OK", "service_name": "suite",
            "parent_span_id": null, "attributes": {"durable.attempt.number": 2},
        });

        assert!(differences(expected).is_empty());
    }

    #[test]
    fn each_difference_says_what_is_there_and_what_is_expected() {
        let expected = json!({
            "status": "ERROR",
            "attributes": {"durable.attempt.number": 1, "durable.operation.id": "x"},
        });

        // In the order of the names, whatever order the map of JSON has.
        let mut differences = differences(expected);
        differences.sort_unstable();

        assert_eq!(
            differences,
            [
                r#"attributes.durable.attempt.number is 2, expected 1"#,
                r#"attributes.durable.operation.id is missing, expected "x""#,
                r#"status is "OK", expected "ERROR""#,
            ]
        );
    }

    #[test]
    fn a_parent_that_must_not_be_there_is_reported() {
        let child = span("charge").child_of(&span("Invocation"));

        let found = selector(json!({"parent_span_id": null})).differences(&child).unwrap();

        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("parent_span_id is "), "{found:?}");
    }

    #[test]
    fn an_expression_is_searched_in_the_text_of_a_value() {
        assert!(differences(json!({"name": "${/^(?:charge|STEP)$/}"})).is_empty());
        assert_eq!(differences(json!({"name": "${/^STEP$/}"})).len(), 1);
        assert!(
            selector(json!({"name": "${/(/}"})).matches(&span("charge")).is_err(),
            "an expression that is none"
        );
    }

    #[test]
    fn any_of_several_values_may_be_there() {
        assert!(differences(json!({"status": {"$any_of": ["UNSET", "OK"]}})).is_empty());
        assert_eq!(differences(json!({"status": {"$any_of": ["UNSET", "ERROR"]}})).len(), 1);
    }

    #[test]
    fn a_star_asks_for_presence_alone() {
        assert!(differences(json!({"attributes": {"durable.attempt.number": "*"}})).is_empty());
        assert_eq!(differences(json!({"attributes": {"durable.operation.id": "*"}})).len(), 1);
    }

    #[test]
    fn values_of_different_types_differ() {
        assert_eq!(differences(json!({"attributes": {"durable.attempt.number": "2"}})).len(), 1);
        assert_eq!(differences(json!({"attributes": {"durable.invocation.first": "true"}})).len(), 1);
        assert!(differences(json!({"attributes": {"durable.invocation.first": true}})).is_empty());
    }

    #[test]
    fn a_property_that_spans_do_not_have_is_a_difference() {
        assert_eq!(differences(json!({"colour": "red"})), ["there is no property colour"]);
    }

    #[test]
    fn spans_are_selected_by_all_of_the_properties() {
        let spans = [span("charge"), span("charge").with_status("ERROR"), span("ship")];

        let selected = selector(json!({"name": "charge", "status": "OK"})).select(&spans).unwrap();

        assert_eq!(selected, [&spans[0]]);
    }
}
