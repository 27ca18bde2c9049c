//! A response of the service that is an error.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::http_date;

/// A response that is not a success, as far as it can be read.
#[derive(Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    /// How long to wait before the next attempt.
    pub(crate) retry_after: Option<Duration>,
    /// The time of the service.
    pub(crate) date: Option<SystemTime>,
}

impl ErrorResponse {
    /// Reads the code from the header `x-amzn-errortype`, otherwise from the body, as the AWS SDKs do.
    pub(crate) fn read<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> Self {
        // A body that is not JSON comes from something between the service and the function.
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let member = |name| body.get(name).and_then(Value::as_str);
        let code = header("x-amzn-errortype").or_else(|| member("code")).or_else(|| member("__type"));
        let message = member("message").or_else(|| member("Message")).or_else(|| member("errorMessage"));
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        let retry_after = header("x-amz-retry-after").and_then(|millis| millis.parse().ok());
        Self {
            status,
            code: code.map(|code| without_namespace(code).to_owned()),
            message: message.map(str::to_owned),
            request_id: request_id.map(str::to_owned),
            retry_after: retry_after.map(Duration::from_millis),
            date: header("date").and_then(http_date::parse),
        }
    }
}

/// Strips the URL after a code, and the namespace before it.
fn without_namespace(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.split_once('#').map_or(code, |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &'static str)], body: &str) -> ErrorResponse {
        let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        ErrorResponse::read(503, header, body.as_bytes())
    }

    #[test]
    fn the_header_names_the_code_before_the_body_does() {
        let body = r#"{"code": "Second", "__type": "ns#Third", "message": "no"}"#;

        let code = |headers: &[_], body| read(headers, body).code;

        assert_eq!(code(&[("x-amzn-errortype", "ns#First:http://x")], body).as_deref(), Some("First"));
        assert_eq!(code(&[], body).as_deref(), Some("Second"));
        assert_eq!(code(&[], r#"{"__type": "ns#Third"}"#).as_deref(), Some("Third"));
    }

    #[test]
    fn the_message_has_several_spellings() {
        for body in [
            r#"{"message": "no"}"#,
            r#"{"Message": "no"}"#,
            r#"{"errorMessage": "no"}"#,
            r#"{"Message": "no", "message": "no"}"#,
            r#"{"Message": "no", "message": null}"#,
        ] {
            assert_eq!(read(&[], body).message.as_deref(), Some("no"), "{body}");
        }
    }

    #[test]
    fn a_member_of_another_type_hides_no_other_member() {
        let error = read(&[], r#"{"code": 5, "__type": "KMSNotFoundException", "message": {}}"#);

        assert_eq!(error.code.as_deref(), Some("KMSNotFoundException"));
        assert_eq!(error.message, None);
    }

    #[test]
    fn a_body_that_is_not_json_leaves_status_and_headers() {
        let headers = [("x-amzn-requestid", "id"), ("x-amz-retry-after", "1500")];

        let error = read(&headers, "<html>");

        assert_eq!((error.status, error.code, error.message), (503, None, None));
        assert_eq!(error.request_id.as_deref(), Some("id"));
        assert_eq!(error.retry_after, Some(Duration::from_millis(1_500)));
    }
}
