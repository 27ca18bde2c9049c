//! A complete response of a service.

use bytes::Bytes;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RemoteError;

/// A complete response of a service.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) status: u16,
    /// Names are in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the response, or an error if its status is one.
    pub(super) fn accepted(self) -> Result<Self, RemoteError> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.refusal()) }
    }

    /// Returns whether a retry may succeed.
    pub(super) fn may_pass(&self) -> bool {
        self.status == 429 || self.status >= 500
    }

    /// Parses the body as JSON. An empty body is an empty object.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, RemoteError> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| RemoteError::Unreadable(error.to_string()))
    }

    fn refusal(self) -> RemoteError {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        // The type may be followed by a URL, or prefixed by a namespace.
        let kind = self.header("x-amzn-errortype").or_else(|| text("__type")).unwrap_or_default();
        let kind = kind.split(':').next().unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default();
        let message = text("message").or_else(|| text("Message"));
        if kind.is_empty() {
            let text = String::from_utf8_lossy(&self.body).trim().chars().take(200).collect::<String>();
            return RemoteError::NoService { status: self.status, text };
        }
        let message = message.unwrap_or("no error message").to_owned();
        RemoteError::Refused {
            status: self.status,
            error: ServiceError::new(ServiceErrorKind::from(kind), message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, error_type: &str, body: &'static str) -> Answer {
        let headers = vec![("x-amzn-errortype".to_owned(), error_type.to_owned())];
        Answer { status, headers, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn an_error_response_is_parsed_in_every_format() {
        let refusals = [
            answer(404, "ResourceNotFoundException:http://internal", r#"{"Message": "no such"}"#),
            answer(404, "ResourceNotFoundException", r#"{"message": "no such"}"#),
        ];

        for refusal in refusals {
            let error = refusal.accepted().unwrap_err();
            let RemoteError::Refused { status: 404, error } = error else { panic!("{error:?}") };
            assert_eq!((error.kind, error.message.as_str()), (ServiceErrorKind::ResourceNotFound, "no such"));
        }
    }

    #[test]
    fn a_response_of_another_server_is_not_that_of_a_service() {
        let answer = Answer { status: 404, headers: Vec::new(), body: Bytes::from_static(b"<h1>nginx</h1>") };

        let error = answer.accepted().unwrap_err();

        assert!(matches!(error, RemoteError::NoService { status: 404, text } if text == "<h1>nginx</h1>"));
    }
}
