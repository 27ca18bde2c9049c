//! Whether the log records of an execution are the expected ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::failure::Failure;
use super::requirement::ExpectedLog;
use super::value::{is_found, text};
use super::variables::Variables;

type Fields = BTreeMap<String, Value>;

/// A record that a function logged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogRecord {
    /// When it was written, in any unit: times are only compared. Records of the same time are concurrent.
    time: u64,
    fields: Map<String, Value>,
}

/// The records of one execution among lines, with their times, that functions printed: JSON objects that name it at
/// their top level.
pub(crate) fn records<'l>(
    lines: impl Iterator<Item = (u64, &'l str)>,
    execution_arn: &str,
) -> Vec<LogRecord> {
    let names_it = |record: &LogRecord| {
        ["durableExecutionArn", "executionArn"]
            .iter()
            .any(|key| record.fields.get(*key).and_then(Value::as_str) == Some(execution_arn))
    };
    let record = |(time, line)| Some(LogRecord { time, fields: serde_json::from_str(line).ok()? });
    lines.filter_map(record).filter(names_it).collect()
}

/// Compares records with what is expected of them.
pub(crate) fn match_logs(
    expected: &[ExpectedLog],
    records: &[LogRecord],
    variables: &Variables,
) -> Result<(), Failure> {
    let logs = Logs { records, variables };
    expected.iter().try_for_each(|expected| logs.check(expected))
}

struct Logs<'l> {
    records: &'l [LogRecord],
    variables: &'l Variables,
}

impl Logs<'_> {
    fn check(&self, expected: &ExpectedLog) -> Result<(), Failure> {
        let found = self.times(&expected.fields)?;
        let (min, max) = bounds(expected);
        if found.len() < min || max.is_some_and(|max| found.len() > max) {
            return Err(Failure::new(format!(
                "{} of {} log records match {}, expected {min} to {}",
                found.len(),
                self.records.len(),
                shown(&expected.fields),
                max.map_or("any number".to_owned(), |max| max.to_string()),
            )));
        }
        // What is not there is neither too early nor too late.
        for anchor in &expected.after {
            let last = self.anchors(anchor)?.into_iter().max();
            let holds = found.iter().min().is_none_or(|first| Some(*first) >= last);
            self.order(expected, anchor, "after", holds)?;
        }
        for anchor in &expected.before {
            let first = self.anchors(anchor)?.into_iter().min();
            let holds = found.iter().max().is_none_or(|last| Some(*last) <= first);
            self.order(expected, anchor, "before", holds)?;
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

    fn anchors(&self, anchor: &Fields) -> Result<Vec<u64>, Failure> {
        let found = self.times(anchor)?;
        if found.is_empty() {
            return Err(Failure::new(format!("no log record matches the anchor {}", shown(anchor))));
        }
        Ok(found)
    }

    /// The times of the records that match all of these fields.
    fn times(&self, fields: &Fields) -> Result<Vec<u64>, Failure> {
        let mut times = Vec::new();
        for record in self.records {
            let mut matches = true;
            for (key, expected) in fields {
                let expected = self.variables.substitute(expected);
                matches &= match record.fields.get(key) {
                    Some(actual) => field(&expected, actual)?,
                    None => false,
                };
            }
            if matches {
                times.push(record.time);
            }
        }
        Ok(times)
    }
}

/// How many records must match at least and at most. An upper bound alone requires none.
fn bounds(expected: &ExpectedLog) -> (usize, Option<usize>) {
    match (expected.count, expected.min_count, expected.max_count) {
        (Some(count), _, _) => (count, Some(count)),
        (None, Some(min), max) => (min, max),
        (None, None, Some(max)) => (0, Some(max)),
        (None, None, None) => (1, None),
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

    /// Checks records that were written one after the other.
    fn check(log: Value, records: Value) -> Result<(), String> {
        let records: Vec<Map<String, Value>> = serde_json::from_value(records).unwrap();
        check_timed(log, (0..).zip(records).map(|(time, fields)| LogRecord { time, fields }).collect())
    }

    /// Checks records of `a`, each with its time.
    fn check_at(log: Value, records: &[(u64, &str)]) -> Result<(), String> {
        let record = |(time, a): &(u64, &str)| LogRecord {
            time: *time,
            fields: serde_json::from_value(json!({ "a": a })).unwrap(),
        };
        check_timed(log, records.iter().map(record).collect())
    }

    fn check_timed(log: Value, records: Vec<LogRecord>) -> Result<(), String> {
        let mut variables = Variables::default();
        variables.bind("NAME", json!("Ada"));
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

        let records = records((0..).zip(lines), "a");

        let message = |record: &LogRecord| record.fields["message"].as_str().unwrap().to_owned();
        let messages: Vec<_> = records.iter().map(|record| (record.time, message(record))).collect();
        assert_eq!(messages, [(1, "one".to_owned()), (2, "two".to_owned())]);
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
    fn an_upper_bound_alone_requires_no_record_but_with_a_lower_one_it_does() {
        let none = json!([{"a": "y"}]);

        assert_eq!(check(json!({"match": {"a": "x"}, "max_count": 1}), none.clone()), Ok(()));
        assert!(check(json!({"match": {"a": "x"}, "min_count": 1, "max_count": 2}), none).is_err());
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

    const OWN: &str = "own";
    const ANCHOR: &str = "anchor";

    fn after() -> Value {
        json!({"match": {"a": OWN}, "after": [{"a": ANCHOR}]})
    }

    fn before() -> Value {
        json!({"match": {"a": OWN}, "before": [{"a": ANCHOR}]})
    }

    #[test]
    fn the_first_record_must_come_after_the_last_anchor() {
        assert_eq!(check_at(after(), &[(1, ANCHOR), (2, ANCHOR), (3, OWN), (4, OWN)]), Ok(()));

        for records in
            [[(1, ANCHOR), (2, OWN), (3, ANCHOR), (4, OWN)], [(1, OWN), (2, ANCHOR), (3, ANCHOR), (4, OWN)]]
        {
            assert!(check_at(after(), &records).unwrap_err().contains("are not after"), "{records:?}");
        }
    }

    #[test]
    fn the_last_record_must_come_before_the_first_anchor() {
        assert_eq!(check_at(before(), &[(1, OWN), (2, OWN), (3, ANCHOR), (4, ANCHOR)]), Ok(()));

        for records in
            [[(1, OWN), (2, ANCHOR), (3, OWN), (4, ANCHOR)], [(1, OWN), (2, ANCHOR), (3, ANCHOR), (4, OWN)]]
        {
            assert!(check_at(before(), &records).unwrap_err().contains("are not before"), "{records:?}");
        }
    }

    #[test]
    fn records_of_the_same_time_are_both_before_and_after_each_other() {
        for records in [[(1, OWN), (1, ANCHOR)], [(1, ANCHOR), (1, OWN)]] {
            assert_eq!(check_at(after(), &records), Ok(()));
            assert_eq!(check_at(before(), &records), Ok(()));
        }
    }

    #[test]
    fn records_are_compared_by_their_times_and_not_by_the_order_in_which_they_are_told() {
        let records = [(2, OWN), (1, ANCHOR)];

        assert_eq!(check_at(after(), &records), Ok(()));
        assert!(check_at(before(), &records).is_err());
    }

    #[test]
    fn every_anchor_must_hold_and_must_be_there() {
        let two = json!({"match": {"a": OWN}, "after": [{"a": ANCHOR}, {"a": "other"}]});

        assert_eq!(check_at(two.clone(), &[(1, ANCHOR), (2, "other"), (3, OWN)]), Ok(()));
        assert!(check_at(two.clone(), &[(1, ANCHOR), (2, OWN), (3, "other")]).is_err());
        assert!(check_at(two, &[(1, ANCHOR), (2, OWN)]).unwrap_err().contains("no log record matches"));
    }

    #[test]
    fn no_record_is_in_order_where_none_is_required() {
        let none =
            json!({"match": {"a": OWN}, "count": 0, "after": [{"a": ANCHOR}], "before": [{"a": ANCHOR}]});

        assert_eq!(check_at(none, &[(1, ANCHOR)]), Ok(()));
        assert_eq!(shown(&fields(json!({"a": 1}))), "a=1");
    }
}
