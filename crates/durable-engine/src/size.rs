//! Results and errors that are too large to record, and what is recorded instead.

use durable_types::ErrorObject;
use durable_types::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};

/// The number of bytes to which the message of an error that is too large is truncated.
const KEPT_MESSAGE_BYTES: usize = 64 * 1024;

/// Returns the error of an operation whose result is too large to record.
pub(crate) fn excess(result: Option<&str>) -> Option<ErrorObject> {
    too_large(result, MAX_OPERATION_PAYLOAD_BYTES)
}

/// Returns the error of an execution whose result is too large to record.
pub(crate) fn execution_excess(result: &str) -> Option<ErrorObject> {
    too_large(Some(result), MAX_EXECUTION_PAYLOAD_BYTES)
}

/// Returns an error that can be recorded: unchanged, or with its message truncated.
pub(crate) fn fit(error: ErrorObject) -> ErrorObject {
    if error.len() <= MAX_OPERATION_PAYLOAD_BYTES {
        return error;
    }
    let bytes = error.len();
    let message = error.error_message.unwrap_or_default();
    let kept = &message.get(..message.floor_char_boundary(KEPT_MESSAGE_BYTES)).unwrap_or_default();
    let error_type = error.error_type.filter(|error_type| error_type.len() <= KEPT_MESSAGE_BYTES);
    let mut beginning = ErrorObject::default();
    beginning.error_message =
        Some(format!("{kept} [cut: the error has {bytes} bytes, more than can be recorded]"));
    beginning.error_type = error_type;
    beginning
}

fn too_large(result: Option<&str>, limit: usize) -> Option<ErrorObject> {
    let bytes = result?.len();
    (bytes > limit).then(|| {
        let message = format!(
            "the result has {bytes} bytes as JSON, more than the {limit} that can be recorded; \
             store it elsewhere and return where it is"
        );
        ErrorObject::new("PayloadTooLargeError", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_refused_one_byte_beyond_the_limit() {
        let largest = "x".repeat(MAX_OPERATION_PAYLOAD_BYTES);

        assert_eq!(excess(Some(&largest)), None);
        let error = excess(Some(&format!("{largest}x"))).unwrap();
        assert!(error.error_message.unwrap().contains("1048577 bytes"));
    }

    #[test]
    fn an_error_that_is_too_large_keeps_its_type_and_the_beginning_of_its_message() {
        let error = ErrorObject::new("Loud", "ä".repeat(MAX_OPERATION_PAYLOAD_BYTES)).with_data("{}");

        let fitted = fit(error);

        assert!(fitted.len() < 70_000);
        assert_eq!(fitted.error_type.as_deref(), Some("Loud"));
        assert!(fitted.error_message.unwrap().starts_with("ää"));
    }
}
