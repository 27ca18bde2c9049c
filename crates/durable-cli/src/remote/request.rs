//! A request to the Lambda API or to the CloudWatch Logs API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters to percent-encode in paths and queries.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to a service, without its endpoint and signature.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) service: Service,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Creates a request of the Lambda API. The parts of its path are joined by slashes.
    pub(crate) fn new(method: &'static str, path: &[&str]) -> Self {
        let path = path.iter().map(|part| format!("/{}", encoded(part))).collect();
        let (query, headers, body) = (String::new(), Vec::new(), Vec::new());
        Self { service: Service::Lambda, method, path, query, headers, body }
    }

    /// Creates a request of the CloudWatch Logs API.
    pub(super) fn logs(target: &'static str, body: Vec<u8>) -> Self {
        let request = Self { service: Service::Logs, path: "/".to_owned(), ..Self::new("POST", &[]) };
        request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.1").body(body)
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        let separator = if self.query.is_empty() { '?' } else { '&' };
        self.query.push(separator);
        self.query.push_str(&format!("{}={}", encoded(name), encoded(value)));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }
}

/// The service that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Lambda,
    Logs,
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}
