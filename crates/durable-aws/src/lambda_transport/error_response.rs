//! A response that is not a success.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde::Deserialize;

use super::retry::{RetryHint, RetryReason};
use crate::refusal::Refusal;

/// What a response that is not a success says.
#[derive(Debug)]
pub(super) struct ErrorResponse {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    code: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(alias = "Message", alias = "errorMessage")]
    message: Option<String>,
}

impl ErrorResponse {
    /// Reads the code from the header `x-amzn-errortype`, otherwise from the body, as the AWS SDKs do.
    pub(super) fn read(response: &Response<Bytes>) -> Self {
        let header = |name| text(response.headers(), name);
        // A body that is not JSON comes from something between the service and the function.
        let body: Body = serde_json::from_slice(response.body()).unwrap_or_default();
        let code = header("x-amzn-errortype").or(body.code.as_deref()).or(body.kind.as_deref());
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        let retry_after = header("x-amz-retry-after").and_then(|millis| millis.parse().ok());
        Self {
            status: response.status().as_u16(),
            code: code.map(|code| without_namespace(code).to_owned()),
            message: body.message,
            request_id: request_id.map(str::to_owned),
            retry_after: retry_after.map(Duration::from_millis),
        }
    }

    pub(super) fn retry_hint(&self) -> Option<RetryHint> {
        let reason = RetryReason::of(self.status, self.code.as_deref())?;
        Some(RetryHint { reason, retry_after: self.retry_after })
    }

    pub(super) fn refusal(&self) -> Refusal<'_> {
        let [code, message, request_id] =
            [&self.code, &self.message, &self.request_id].map(|text| text.as_deref());
        Refusal { status: self.status, code, message, request_id }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Strips the URL after a code, and the namespace before it.
fn without_namespace(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.split_once('#').map_or(code, |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)], body: &'static str) -> ErrorResponse {
        let mut response = Response::builder().status(503);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        ErrorResponse::read(&response.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn the_header_names_the_code_before_the_body_does() {
        let body = r#"{"code": "Second", "__type": "ns#Third", "message": "no"}"#;

        let code = |headers: &[_], body| read(headers, body).code;

        assert_eq!(code(&[("x-amzn-errortype", "First:http://x")], body).as_deref(), Some("First"));
        assert_eq!(code(&[], body).as_deref(), Some("Second"));
        assert_eq!(code(&[], r#"{"__type": "ns#Third"}"#).as_deref(), Some("Third"));
    }

    #[test]
    fn the_message_has_several_spellings() {
        for body in [r#"{"message": "no"}"#, r#"{"Message": "no"}"#, r#"{"errorMessage": "no"}"#] {
            assert_eq!(read(&[], body).message.as_deref(), Some("no"));
        }
    }

    #[test]
    fn a_body_that_is_not_json_leaves_status_and_headers() {
        let headers = [("x-amzn-requestid", "id"), ("x-amz-retry-after", "1500")];

        let error = read(&headers, "<html>");

        assert_eq!(error.message, None);
        assert_eq!(error.refusal().request_id, Some("id"));
        let retry_after = Some(Duration::from_millis(1_500));
        assert_eq!(error.retry_hint(), Some(RetryHint { reason: RetryReason::Transient, retry_after }));
    }
}
