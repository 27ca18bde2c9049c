//! A small HTTP client.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request to the service.
pub(super) struct Call<'a> {
    method: &'a str,
    target: String,
    headers: Vec<(&'a str, String)>,
    body: Vec<u8>,
}

/// What the service answered.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: &'a str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    pub(super) fn post(target: impl Into<String>) -> Self {
        Self::new("POST", target)
    }

    /// Invoke of the function `order`, qualified.
    pub(super) fn invoke(payload: impl Into<Vec<u8>>) -> Self {
        Self::post("/2015-03-31/functions/order/invocations?Qualifier=%24LATEST").body(payload)
    }

    /// An operation on an execution.
    pub(super) fn on(method: &'a str, arn: &str, rest: &str) -> Self {
        Self::new(method, format!("/2025-12-01/durable-executions/{}{rest}", encoded(arn)))
    }

    pub(super) fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) async fn send(self, address: SocketAddr) -> Answer {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {address}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("connection: close\r\ncontent-length: {}\r\n\r\n", self.body.len()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A service that refuses a large body need not read it to its end.
        let _ = stream.write_all(&[head.as_bytes(), &self.body].concat()).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::parse(&bytes)
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The ARN of the execution that was started or found.
    pub(super) fn arn(&self) -> String {
        self.header("x-amz-durable-execution-arn").unwrap().to_owned()
    }

    /// The type and the message of an error, and who is to blame.
    pub(super) fn error(&self) -> (u16, String, String, String) {
        let body = self.json();
        let message = body.get("message").or(body.get("Message")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let error_type = self.header("x-amzn-errortype").unwrap().to_owned();
        (self.status, error_type, text(&body["Type"]), text(message))
    }
}

/// An ARN as clients write it into a path.
pub(super) fn encoded(arn: &str) -> String {
    arn.replace('/', "%2F").replace(':', "%3A").replace('$', "%24")
}
