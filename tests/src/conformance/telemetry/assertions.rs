//! The telemetry assertions of a requirement.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::selector::Selector;
use crate::conformance::failure::Failure;
use crate::conformance::variables::Variables;

/// What the spans of an execution must be like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelemetryAssertions {
    #[serde(default = "one")]
    pub(crate) minimum_spans: usize,
    #[serde(default = "one")]
    pub(crate) minimum_invocations: usize,
    #[serde(default = "yes")]
    pub(crate) require_execution_correlation: bool,
    #[serde(default)]
    pub(crate) require_unique_root_per_trace: bool,
    /// The executions whose spans may be there; only the one that the requirement is about if it is missing.
    pub(crate) allowed_execution_arns: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) require_all_spans: bool,
    /// Selects the spans that `require_all_spans` is about; all of them if it is missing.
    #[serde(default, deserialize_with = "one_or_many")]
    pub(crate) span_assertion_scope: Vec<Selector>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub(crate) exact_attribute_prefixes: Vec<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub(crate) span_assertions: Vec<SpanAssertion>,
}

/// What is expected of some spans.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanAssertion {
    pub(crate) select: Selector,
    #[serde(default)]
    pub(crate) count: Count,
    pub(crate) expect: Expectation,
}

/// How many spans a selector must match.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Count {
    Exactly(usize),
    AnyOf {
        #[serde(rename = "$any_of")]
        any_of: Vec<usize>,
    },
}

impl Default for Count {
    fn default() -> Self {
        Self::Exactly(1)
    }
}

impl Count {
    pub(crate) fn is_met_by(&self, count: usize) -> bool {
        match self {
            Self::Exactly(expected) => *expected == count,
            Self::AnyOf { any_of } => any_of.contains(&count),
        }
    }
}

/// What is expected of one span.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Expectation {
    pub(crate) parent: Option<ExpectedParent>,
    /// All spans that it links to.
    pub(crate) links: Option<Vec<ExpectedLink>>,
    pub(crate) before: Option<OtherSpan>,
    pub(crate) after: Option<OtherSpan>,
    pub(crate) inside: Option<OtherSpan>,
    #[serde(flatten)]
    pub(crate) properties: Selector,
}

/// What is expected of the parent of a span.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExpectedParent {
    /// Whether the span may begin before its parent, or end after it.
    #[serde(default, rename = "$allow_outside")]
    pub(crate) allow_outside: bool,
    #[serde(flatten)]
    pub(crate) span: Selector,
}

/// What is expected of a span that another one links to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExpectedLink {
    /// Which one it is of all spans like this, in the order of their start times, beginning at 1.
    #[serde(rename = "$occurrence")]
    pub(crate) occurrence: Option<usize>,
    #[serde(flatten)]
    pub(crate) span: Selector,
}

/// The one other span that has these properties.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OtherSpan {
    /// Whether it is searched among those that the span links to.
    #[serde(default, rename = "$linked")]
    pub(crate) is_linked: bool,
    #[serde(flatten)]
    pub(crate) span: Selector,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(expected) => write!(f, "{expected}"),
            Self::AnyOf { any_of } => write!(f, "any of {any_of:?}"),
        }
    }
}

impl TelemetryAssertions {
    /// Reads assertions as a requirement has them, with the values of variables in place of these.
    pub(crate) fn read(value: &Value, variables: &Variables) -> Result<Self, Failure> {
        serde_json::from_value(variables.substitute(value))
            .map_err(|error| Failure::of("the telemetry assertions are not understood", &error))
    }

    /// The executions whose spans may be there, if the requirement is about this one.
    pub(crate) fn allowed<'a>(&'a self, execution_arn: &'a str) -> Vec<&'a str> {
        match &self.allowed_execution_arns {
            Some(arns) => arns.iter().map(String::as_str).collect(),
            None => vec![execution_arn],
        }
    }
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

/// Reads a list, or its only item.
fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::Many(items) => items,
        OneOrMany::One(item) => vec![item],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::telemetry::fixture::selector;

    fn read(value: Value) -> Result<TelemetryAssertions, Failure> {
        TelemetryAssertions::read(&value, &Variables::default())
    }

    #[test]
    fn assertions_are_read_with_what_they_leave_out() {
        let assertions = read(json!({"span_assertions": []})).unwrap();

        assert_eq!((assertions.minimum_spans, assertions.minimum_invocations), (1, 1));
        assert!(assertions.require_execution_correlation);
        assert!(!assertions.require_unique_root_per_trace);
        assert!(!assertions.require_all_spans);
        assert_eq!(assertions.allowed_execution_arns, None);
    }

    #[test]
    fn a_scope_and_a_prefix_need_no_list() {
        let assertions = read(json!({
            "span_assertion_scope": {"name": "Workflow"},
            "exact_attribute_prefixes": "durable.",
        }))
        .unwrap();

        assert_eq!(assertions.span_assertion_scope, [selector(json!({"name": "Workflow"}))]);
        assert_eq!(assertions.exact_attribute_prefixes, ["durable."]);
    }

    #[test]
    fn what_is_expected_of_a_span_is_told_apart_from_what_relates_it_to_others() {
        let assertions = read(json!({"span_assertions": [{
            "select": {"name": "charge"},
            "count": {"$any_of": [1, 2]},
            "expect": {
                "status": "OK",
                "parent_span_id": null,
                "parent": {"$allow_outside": true, "name": "Invocation"},
                "links": [{"$occurrence": 2, "name": "Invocation"}],
                "inside": {"$linked": true, "name": "Invocation"},
            },
        }]}))
        .unwrap();

        let SpanAssertion { count, expect, .. } = &assertions.span_assertions[0];
        let invocation = selector(json!({"name": "Invocation"}));
        assert!(count.is_met_by(1) && count.is_met_by(2) && !count.is_met_by(3));
        assert_eq!(expect.properties, selector(json!({"status": "OK", "parent_span_id": null})));
        let parent = expect.parent.as_ref().unwrap();
        assert!(parent.allow_outside);
        assert_eq!(parent.span, invocation);
        let links = expect.links.as_ref().unwrap();
        assert_eq!((links[0].occurrence, &links[0].span), (Some(2), &invocation));
        let inside = expect.inside.as_ref().unwrap();
        assert!(inside.is_linked);
        assert_eq!(inside.span, invocation);
        assert!(expect.before.is_none() && expect.after.is_none());
    }

    #[test]
    fn variables_are_replaced_by_their_values() {
        let mut variables = Variables::default();
        variables.bind("STEP1", json!("id-1"));
        let value = json!({"span_assertions": [{"select": {"name": "${STEP1}"}, "expect": {}}]});

        let assertions = TelemetryAssertions::read(&value, &variables).unwrap();

        assert_eq!(assertions.span_assertions[0].select, selector(json!({"name": "id-1"})));
    }

    #[test]
    fn an_assertion_that_nobody_evaluates_is_an_error() {
        let error = read(json!({"require_everything": true})).unwrap_err();

        assert!(error.to_string().contains("require_everything"), "{error}");
    }
}
