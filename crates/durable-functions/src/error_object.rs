//! Parses the errors that functions report.

use bytes::Bytes;
use durable_types::ErrorObject;
use serde_json::Value;

/// Parses an error reported by a function, as far as possible.
///
/// If the body is not a JSON object, it becomes the message. `default_type` is used if the body contains no type.
pub fn error_object(default_type: Option<String>, body: &Bytes) -> ErrorObject {
    let mut error = ErrorObject::default();
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        let text = String::from_utf8_lossy(body).into_owned();
        error.error_type = default_type;
        error.error_message = (!text.is_empty()).then_some(text);
        return error;
    };
    let mut text = |name| members.remove(name).and_then(as_text);
    error.error_message = text("errorMessage");
    error.error_type = text("errorType").or(default_type);
    error.error_data = text("errorData");
    if let Some(Value::Array(frames)) = members.remove("stackTrace") {
        error.stack_trace = Some(frames.into_iter().filter_map(as_text).collect());
    }
    error
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

    fn reported(default_type: Option<&str>, body: &'static str) -> ErrorObject {
        error_object(default_type.map(str::to_owned), &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_error_is_taken_as_the_function_reports_it() {
        let body = r#"{"errorMessage":"declined","errorType":"Payment","stackTrace":["a",{"line":1}],"x":1}"#;

        let mut expected = ErrorObject::new("Payment", "declined");
        expected.stack_trace = Some(vec!["a".to_owned(), r#"{"line":1}"#.to_owned()]);
        assert_eq!(reported(Some("Other"), body), expected);
    }

    #[test]
    fn an_error_that_lacks_its_type_has_that_of_the_header() {
        assert_eq!(reported(Some("Payment"), r#"{"errorMessage":"no"}"#), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(Some("Payment"), "no"), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(None, ""), ErrorObject::default());
    }
}
