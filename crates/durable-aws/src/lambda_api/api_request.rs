//! A request on the wire, apart from the headers that all requests have.

use std::fmt::Display;

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;

use super::encoding::SEGMENT;

pub(crate) const JSON: &str = "application/json";

/// A request before it is signed.
///
/// # Invariants
/// - Path and query are percent-encoded, and the parameters of the query are in alphabetical order, as signatures demand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    /// Headers of this operation, with names in lower case.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Bytes,
    /// Whether the service treats a repeated request as one.
    pub(crate) is_idempotent: bool,
    pub(super) responds: Responds,
}

/// When the service responds to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Responds {
    Promptly,
    /// When the execution that the request starts has ended.
    AfterExecution,
}

impl ApiRequest {
    /// Creates an idempotent request without parameters, for the resource at these segments of a path.
    pub(crate) fn new(operation: &'static str, method: Method, path: &[&str]) -> Self {
        Self {
            operation,
            method,
            path: path.iter().flat_map(|segment| ["/".to_owned(), encoded(segment)]).collect(),
            query: String::new(),
            headers: Vec::new(),
            content_type: None,
            body: Bytes::new(),
            is_idempotent: true,
            responds: Responds::Promptly,
        }
    }

    /// Sets the parameters of the query. Those without a value are left out.
    pub(crate) fn with_query(mut self, parameters: &[(&str, Option<&dyn Display>)]) -> Self {
        let present = parameters.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let mut pairs: Vec<String> =
            present.map(|(name, value)| format!("{name}={}", encoded(&value.to_string()))).collect();
        pairs.sort_unstable();
        self.query = pairs.join("&");
        self
    }

    /// Adds a header if it has a value. The name is in lower case.
    pub(crate) fn with_header(mut self, name: &'static str, value: Option<String>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.content_type = Some(content_type);
        self.body = body.into();
        self
    }

    /// Returns the request as one that may start something a second time if it is repeated.
    pub(crate) fn not_idempotent(self) -> Self {
        Self { is_idempotent: false, ..self }
    }

    pub(crate) fn responds(self, responds: Responds) -> Self {
        Self { responds, ..self }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_a_path_are_encoded_one_by_one() {
        let request = ApiRequest::new("Stop", Method::POST, &["2025-12-01", "arn:aws:lambda/a b$~", "stop"]);

        assert_eq!(request.path, "/2025-12-01/arn%3Aaws%3Alambda%2Fa%20b%24~/stop");
        assert_eq!(request.query, "");
    }

    #[test]
    fn parameters_are_in_alphabetical_order() {
        let request = ApiRequest::new("List", Method::GET, &["list"]).with_query(&[
            ("Statuses", Some(&"RUNNING")),
            ("Marker", Some(&"a b+/=")),
            ("ReverseOrder", None),
            ("Statuses", Some(&"FAILED")),
            ("MaxItems", Some(&1_000)),
        ]);

        assert_eq!(request.query, "Marker=a%20b%2B%2F%3D&MaxItems=1000&Statuses=FAILED&Statuses=RUNNING");
    }
}
