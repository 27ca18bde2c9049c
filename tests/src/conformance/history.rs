//! Whether a history is the expected one.

use serde_json::Value;

use super::failure::Failure;
use super::value::{equal, is_found};
use super::variables::{Variables, whole};

/// Compares events with those that have the same `EventId`. Events that nobody expects are of no interest.
pub(crate) fn match_history(
    expected: &[Value],
    actual: &[Value],
    variables: &mut Variables,
) -> Result<(), Failure> {
    if expected.is_empty() {
        return Err(Failure::new("the requirement expects no events"));
    }
    let mut problems = Vec::new();
    for event in expected {
        let id = event.get("EventId").cloned().unwrap_or_default();
        let found = actual.iter().find(|actual| actual.get("EventId").is_some_and(|it| equal(it, &id)));
        let place = format!("event {id}");
        match found {
            None => problems.push(format!("{place} is missing, expected {}", label(event))),
            Some(found) => {
                let matched = match_value(&place, event, found, variables);
                problems.extend(matched.err().map(|failure| failure.to_string()));
            }
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let told = actual.iter().map(|event| format!("\n      {}", label(event))).collect::<String>();
    Err(Failure::new(format!("{}\n    the history is{told}", problems.join("\n    "))))
}

fn label(event: &Value) -> String {
    let text = |key: &str| event.get(key).map(|value| format!(" {key}={value}")).unwrap_or_default();
    let event_type = event.get("EventType").and_then(Value::as_str).unwrap_or("an event without type");
    format!("{event_type}{}{}{}", text("EventId"), text("SubType"), text("Name"))
}

/// Compares one value as the values within events are compared.
pub(crate) fn match_value(
    place: &str,
    expected: &Value,
    actual: &Value,
    variables: &mut Variables,
) -> Result<(), Failure> {
    Matcher { variables, is_in_json: false }.value(place, expected, actual)
}

/// The only key of an object that expects a text, and says what the JSON in that text must be.
const JSON: &str = "$json";

/// Compares what is expected with what is there, and binds variables.
struct Matcher<'v> {
    variables: &'v mut Variables,
    /// Whether the values are from a text of JSON, where expressions are for texts alone.
    is_in_json: bool,
}

impl Matcher<'_> {
    fn value(&mut self, place: &str, expected: &Value, actual: &Value) -> Result<(), Failure> {
        match expected {
            Value::String(pattern) => self.text(place, pattern, actual),
            Value::Object(members) => {
                if let (Some(expected), 1) = (members.get(JSON), members.len()) {
                    return self.json(place, expected, actual);
                }
                for (key, expected) in members {
                    let place = format!("{place}: {key}");
                    let Some(actual) = actual.get(key) else {
                        return Err(Failure::new(format!("{place} is missing")));
                    };
                    self.value(&place, expected, actual)?;
                }
                Ok(())
            }
            Value::Array(items) => {
                let actual = actual.as_array().filter(|actual| actual.len() == items.len());
                let Some(actual) = actual else {
                    return Err(Failure::new(format!("{place} is not a list of {}", items.len())));
                };
                let mut pairs = items.iter().zip(actual).enumerate();
                pairs.try_for_each(|(index, (expected, actual))| {
                    self.value(&format!("{place}[{index}]"), expected, actual)
                })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => same(place, expected, actual),
        }
    }

    /// Compares the JSON that a text holds.
    fn json(&mut self, place: &str, expected: &Value, actual: &Value) -> Result<(), Failure> {
        let Some(text) = actual.as_str() else {
            return Err(Failure::new(format!("{place} is {}, expected a text of JSON", shortened(actual))));
        };
        let parsed = serde_json::from_str(text).map_err(|error| Failure::of(place, &error))?;
        Matcher { variables: self.variables, is_in_json: true }.value(place, expected, &parsed)
    }

    fn text(&mut self, place: &str, pattern: &str, actual: &Value) -> Result<(), Failure> {
        if pattern == "*" {
            return Ok(());
        }
        if let Some(expression) = pattern.strip_prefix("${/").and_then(|rest| rest.strip_suffix("/}")) {
            if self.is_in_json && !actual.is_string() {
                return Err(Failure::new(format!("{place} is {}, expected a text", shortened(actual))));
            }
            let expression = self.variables.substitute_text(expression);
            if is_found(&expression, actual)? {
                return Ok(());
            }
            return Err(Failure::new(format!("{place} is {actual}, expected to match /{expression}/")));
        }
        if let Some(name) = whole(pattern)
            && self.variables.value(name).is_none()
        {
            self.variables.bind(name, actual.clone());
            return Ok(());
        }
        same(place, &self.variables.substitute(&Value::String(pattern.to_owned())), actual)
    }
}

fn same(place: &str, expected: &Value, actual: &Value) -> Result<(), Failure> {
    if equal(expected, actual) {
        return Ok(());
    }
    Err(Failure::new(format!("{place} is {}, expected {expected}", shortened(actual))))
}

/// A value for people; payloads can be large.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(expected: Value, actual: Value) -> Result<(), String> {
        let mut variables = Variables::default();
        variables.bind("BOUND", json!("text"));
        match_history(expected.as_array().unwrap(), actual.as_array().unwrap(), &mut variables)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn events_are_joined_by_their_id_and_others_are_ignored() {
        let actual = json!([{"EventId": 1, "a": 1}, {"EventId": 2, "a": 2}, {"EventId": 3, "a": 3}]);

        assert_eq!(matches(json!([{"EventId": 2, "a": 2}]), actual.clone()), Ok(()));
        assert!(matches(json!([{"EventId": 4}]), actual).unwrap_err().contains("event 4 is missing"));
    }

    #[test]
    fn a_star_or_an_empty_object_asks_for_presence_alone() {
        for expected in [json!("*"), json!({})] {
            let expected = json!([{"EventId": 1, "Details": expected}]);

            assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "Details": {"x": 1}}])), Ok(()));
            assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "Details": "text"}])), Ok(()));
            assert!(matches(expected, json!([{"EventId": 1}])).unwrap_err().contains("Details is missing"));
        }
    }

    #[test]
    fn members_that_nobody_expects_are_ignored_at_any_depth() {
        let expected = json!([{"EventId": 1, "a": {"b": {"c": 1}}}]);

        assert_eq!(matches(expected, json!([{"EventId": 1, "a": {"b": {"c": 1, "d": 2}, "e": 3}}])), Ok(()));
    }

    #[test]
    fn an_expression_is_searched_in_whatever_is_there() {
        let expected = json!([{"EventId": 1, "a": "${/^[0-5]$/}"}]);

        assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "a": 5}])), Ok(()));
        assert!(matches(expected, json!([{"EventId": 1, "a": 6}])).is_err());
    }

    #[test]
    fn a_variable_binds_once_and_must_be_the_same_everywhere() {
        let expected = json!([{"EventId": 1, "Id": "${ID1}"}, {"EventId": 2, "ParentId": "${ID1}"}]);

        assert_eq!(
            matches(expected.clone(), json!([{"EventId": 1, "Id": "x"}, {"EventId": 2, "ParentId": "x"}])),
            Ok(())
        );
        assert!(
            matches(expected, json!([{"EventId": 1, "Id": "x"}, {"EventId": 2, "ParentId": "y"}])).is_err()
        );
    }

    #[test]
    fn a_variable_that_is_not_bound_asks_for_presence() {
        assert!(matches(json!([{"EventId": 1, "Name": "${N}"}]), json!([{"EventId": 1}])).is_err());
    }

    #[test]
    fn a_bound_variable_is_replaced_within_a_text() {
        let expected = json!([{"EventId": 1, "Payload": "\"${BOUND}\""}]);

        assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "Payload": "\"text\""}])), Ok(()));
        assert!(matches(expected, json!([{"EventId": 1, "Payload": "text"}])).is_err());
    }

    #[test]
    fn lists_are_compared_item_by_item() {
        let expected = json!([{"EventId": 1, "a": [1, "*"]}]);

        assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "a": [1, 9]}])), Ok(()));
        assert!(matches(expected.clone(), json!([{"EventId": 1, "a": [1]}])).is_err());
        assert!(matches(expected, json!([{"EventId": 1, "a": [2, 9]}])).is_err());
    }

    #[test]
    fn scalars_are_equal_with_their_types() {
        assert!(matches(json!([{"EventId": 1, "a": "1"}]), json!([{"EventId": 1, "a": 1}])).is_err());
        assert_eq!(matches(json!([{"EventId": 1, "a": 1}]), json!([{"EventId": 1, "a": 1.0}])), Ok(()));
    }

    #[test]
    fn the_json_in_a_text_is_compared_as_values_are() {
        let expected = json!([{"EventId": 1, "Payload": {"$json": {"a": 1, "b": "${/^x/}", "c": "*"}}}]);
        let payload = |text: &str| json!([{"EventId": 1, "Payload": text}]);

        assert_eq!(matches(expected.clone(), payload(r#"{"a": 1, "b": "xy", "c": null, "d": 2}"#)), Ok(()));
        for text in [r#"{"a": 2, "b": "xy", "c": 1}"#, r#"{"a": 1, "b": "xy"}"#, "no JSON"] {
            assert!(matches(expected.clone(), payload(text)).is_err(), "{text}");
        }
        assert!(matches(expected, json!([{"EventId": 1, "Payload": {"a": 1}}])).is_err());
    }

    #[test]
    fn an_expression_for_the_json_in_a_text_is_for_texts_alone() {
        let expected = json!([{"EventId": 1, "Payload": {"$json": {"a": "${/^1$/}"}}}]);

        assert_eq!(matches(expected.clone(), json!([{"EventId": 1, "Payload": r#"{"a": "1"}"#}])), Ok(()));
        assert!(matches(expected, json!([{"EventId": 1, "Payload": r#"{"a": 1}"#}])).is_err());
    }

    #[test]
    fn a_requirement_without_events_is_none() {
        assert!(matches(json!([]), json!([])).is_err());
    }
}
