//! The errors that functions report.

use bytes::Bytes;
use durable_types::ErrorObject;
use serde_json::Value;

/// The error that a function reports, whatever of it can be understood. Its type may be told apart from it.
pub(crate) fn error_object(told_type: Option<String>, body: &Bytes) -> ErrorObject {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        let text = String::from_utf8_lossy(body).into_owned();
        let error_message = (!text.is_empty()).then_some(text);
        return ErrorObject { error_type: told_type, error_message, ..ErrorObject::default() };
    };
    let mut text = |name| members.remove(name).and_then(as_text);
    let (error_message, error_type, error_data) =
        (text("errorMessage"), text("errorType"), text("errorData"));
    let stack_trace = match members.remove("stackTrace") {
        Some(Value::Array(frames)) => Some(frames.into_iter().filter_map(as_text).collect()),
        _ => None,
    };
    ErrorObject { error_message, error_type: error_type.or(told_type), error_data, stack_trace }
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(told_type: Option<&str>, body: &'static str) -> ErrorObject {
        error_object(told_type.map(str::to_owned), &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_error_is_taken_as_the_function_reports_it() {
        let body = r#"{"errorMessage":"declined","errorType":"Payment","stackTrace":["a",{"line":1}],"x":1}"#;

        let expected = ErrorObject {
            stack_trace: Some(vec!["a".to_owned(), r#"{"line":1}"#.to_owned()]),
            ..ErrorObject::new("Payment", "declined")
        };
        assert_eq!(reported(Some("Other"), body), expected);
    }

    #[test]
    fn an_error_that_lacks_its_type_has_that_of_the_header() {
        assert_eq!(reported(Some("Payment"), r#"{"errorMessage":"no"}"#), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(Some("Payment"), "no"), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(None, ""), ErrorObject::default());
    }
}
