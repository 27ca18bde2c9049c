//! Whether the log records of an execution are the expected ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::failure::Failure;
use super::requirement::ExpectedLog;
use super::value::{is_found, text};
use super::variables::Variables;

type Fields = BTreeMap<String, Value>;

/// The records of one execution among lines that functions printed: JSON objects that name it at their top level.
pub(crate) fn records<'l>(
    lines: impl Iterator<Item = &'l str>,
    execution_arn: &str,
) -> Vec<Map<String, Value>> {
    let names_it = |record: &Map<String, Value>| {
        ["durableExecutionArn", "executionArn"]
            .iter()
            .any(|key| record.get(*key).and_then(Value::as_str) == Some(execution_arn))
    };
    lines.filter_map(|line| serde_json::from_str(line).ok()).filter(names_it).collect()
}

/// Compares records, which are in the order in which they were written, with what is expected.
pub(crate) fn match_logs(
    expected: &[ExpectedLog],
    records: &[Map<String, Value>],
    variables: &Variables,
) -> Result<(), Failure> {
    let logs = Logs { records, variables };
    expected.iter().try_for_each(|expected| logs.check(expected))
}

struct Logs<'l> {
    records: &'l [Map<String, Value>],
    variables: &'l Variables,
}

impl Logs<'_> {
    fn check(&self, expected: &ExpectedLog) -> Result<(), Failure> {
        let found = self.positions(&expected.fields)?;
        let (min, max) = match expected.count {
            Some(count) => (count, Some(count)),
            None => (expected.min_count.unwrap_or(1), expected.max_count),
        };
        if found.len() < min || max.is_some_and(|max| found.len() > max) {
            return Err(Failure::new(format!(
                "{} of {} log records match {}, expected {min} to {}",
                found.len(),
                self.records.len(),
                shown(&expected.fields),
                max.map_or("any number".to_owned(), |max| max.to_string()),
            )));
        }
        for anchor in &expected.after {
            let anchors = self.anchors(anchor)?;
            self.order(expected, anchor, "after", found.first() > anchors.first() || found.is_empty())?;
        }
        for anchor in &expected.before {
            let anchors = self.anchors(anchor)?;
            self.order(expected, anchor, "before", found.last() < anchors.last())?;
        }
        Ok(())
    }

    fn order(&self, expected: &ExpectedLog, anchor: &Fields, word: &str, holds: bool) -> Result<(), Failure> {
        if holds {
            return Ok(());
        }
        let fields = shown(&expected.fields);
        Err(Failure::new(format!("log records of {fields} are not {word} those of {}", shown(anchor))))
    }

    fn anchors(&self, anchor: &Fields) -> Result<Vec<usize>, Failure> {
        let found = self.positions(anchor)?;
        if found.is_empty() {
            return Err(Failure::new(format!("no log record matches the anchor {}", shown(anchor))));
        }
        Ok(found)
    }

    /// Where records stand that match all of these fields.
    fn positions(&self, fields: &Fields) -> Result<Vec<usize>, Failure> {
        let mut positions = Vec::new();
        for (position, record) in self.records.iter().enumerate() {
            let mut matches = true;
            for (key, expected) in fields {
                let expected = self.variables.substitute(expected);
                matches &= match record.get(key) {
                    Some(actual) => field(&expected, actual)?,
                    None => false,
                };
            }
            if matches {
                positions.push(position);
            }
        }
        Ok(positions)
    }
}

fn field(expected: &Value, actual: &Value) -> Result<bool, Failure> {
    Ok(match (expected, actual) {
        (Value::String(pattern), _) => {
            match pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
                Some(expression) => return is_found(expression, actual),
                None => text(actual).trim() == pattern.trim(),
            }
        }
        (Value::Bool(expected), Value::Bool(actual)) => expected == actual,
        (Value::Bool(_), _) | (_, Value::Bool(_)) => false,
        (Value::Number(expected), _) => text(actual).trim().parse().ok() == expected.as_f64(),
        (expected, actual) => expected == actual,
    })
}

fn shown(fields: &Fields) -> String {
    fields.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    fn expected(value: Value) -> ExpectedLog {
        serde_json::from_value(value).unwrap()
    }

    fn check(log: Value, records: Value) -> Result<(), String> {
        let mut variables = Variables::default();
        variables.bind("NAME", json!("Ada"));
        let records: Vec<Map<String, Value>> = serde_json::from_value(records).unwrap();
        match_logs(&[expected(log)], &records, &variables).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_record_is_an_object_that_names_the_execution_at_its_top_level() {
        let lines = [
            "plain text a",
            r#"{"executionArn":"a","message":"one"}"#,
            r#"{"durableExecutionArn":"a","message":"two"}"#,
            r#"{"executionArn":"b","message":"three"}"#,
            r#"{"fields":{"executionArn":"a"},"message":"four"}"#,
            r#"["executionArn","a"]"#,
        ];

        let records = records(lines.into_iter(), "a");

        let messages: Vec<_> = records.iter().map(|record| record["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["one", "two"]);
    }

    #[test]
    fn one_record_is_enough_unless_more_is_said() {
        let log = json!({"match": {"message": "/Hello, ${NAME}/"}});

        assert_eq!(
            check(log.clone(), json!([{"message": "Hello, Ada!"}, {"message": "Hello, Ada?"}])),
            Ok(())
        );
        assert!(check(log, json!([{"message": "Hello, Bob!"}])).is_err());
    }

    #[test]
    fn counts_are_exact_or_within_bounds() {
        let two = json!([{"a": "x"}, {"a": "x"}]);

        assert_eq!(check(json!({"match": {"a": "x"}, "count": 2}), two.clone()), Ok(()));
        assert!(check(json!({"match": {"a": "x"}, "count": 1}), two.clone()).is_err());
        assert!(check(json!({"match": {"a": "x"}, "count": 0}), two.clone()).is_err());
        assert_eq!(check(json!({"match": {"a": "y"}, "count": 0}), two.clone()), Ok(()));
        assert!(check(json!({"match": {"a": "x"}, "max_count": 1}), two.clone()).is_err());
        assert!(check(json!({"match": {"a": "x"}, "min_count": 3}), two).is_err());
    }

    #[test]
    fn fields_are_compared_by_their_type() {
        let matches = |expected: Value, actual: Value| field(&expected, &actual).unwrap();

        assert!(matches(json!("x"), json!(" x ")));
        assert!(matches(json!(1), json!(1.0)));
        assert!(matches(json!(1), json!("1")));
        assert!(matches(json!(true), json!(true)));
        assert!(!matches(json!(true), json!("true")));
        assert!(!matches(json!(1), json!(true)));
    }

    #[test]
    fn anchors_say_what_comes_first() {
        let records = json!([{"a": 1}, {"a": 2}]);
        let after = |a: u32, b: u32| json!({"match": {"a": a}, "after": [{"a": b}]});
        let before = |a: u32, b: u32| json!({"match": {"a": a}, "before": [{"a": b}]});

        assert_eq!(check(after(2, 1), records.clone()), Ok(()));
        assert!(check(after(1, 2), records.clone()).is_err());
        assert_eq!(check(before(1, 2), records.clone()), Ok(()));
        assert!(check(before(2, 1), records.clone()).is_err());
        assert!(check(after(2, 3), records).unwrap_err().contains("anchor"));
        assert_eq!(shown(&fields(json!({"a": 1}))), "a=1");
    }
}
