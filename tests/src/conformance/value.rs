//! JSON values compared and written as the requirements mean it.

use fancy_regex::Regex;
use serde_json::Value;

use super::failure::Failure;

/// A value as text: a string as it is, everything else as Python's `str` writes scalars.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Whether two values are equal; numbers are by what they count, not by how they are written.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same =
                |(key, left): (&String, &Value)| right.get(key).is_some_and(|right| equal(left, right));
            left.len() == right.len() && left.iter().all(same)
        }
        (left, right) => left == right,
    }
}

/// Whether an expression, as Python's `re` reads it, is found anywhere in a value.
pub(crate) fn is_found(expression: &str, value: &Value) -> Result<bool, Failure> {
    let failed = |error: fancy_regex::Error| Failure::of("a regular expression", &error);
    Regex::new(expression).map_err(failed)?.is_match(&text(value)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        assert!(equal(&json!({"a": [1]}), &json!({"a": [1.0]})));
        assert!(!equal(&json!(1), &json!("1")));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!equal(&json!([1]), &json!([1, 2])));
    }

    #[test]
    fn an_expression_is_searched_in_the_text_of_a_value() {
        assert!(is_found("^[0-5]$", &json!(3)).unwrap());
        assert!(is_found("Error$", &json!("TransientError")).unwrap());
        assert!(is_found("^True$", &json!(true)).unwrap());
        assert!(!is_found("^[0-5]$", &json!(13)).unwrap());
        assert!(is_found("(", &json!("")).is_err());
    }

    #[test]
    fn an_expression_may_look_ahead_as_in_python() {
        let without = r"(?is)(?=.*\bwait\b(?:(?!\bgot\b).)*\bstep\b).*";

        assert!(is_found(without, &json!("WAIT, then STEP")).unwrap());
        assert!(!is_found(without, &json!("WAIT, got STEP")).unwrap());
    }
}
