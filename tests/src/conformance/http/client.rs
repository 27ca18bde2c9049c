//! A small client of the Lambda API, which shows answers as they are.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::conformance::failure::Failure;

/// A client of the service at this address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) SocketAddr);

impl Client {
    /// Sends a request; an answer that is no success is a failure.
    pub(crate) async fn send(
        self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Response<Bytes>, Failure> {
        let failed = |error: hyper::Error| Failure::of(&format!("{method} {path}"), &error);
        let mut request =
            Request::builder().method(method.clone()).uri(path).header(HOST, self.0.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request =
            request.body(Full::new(body.into())).map_err(|error| Failure::of("a request", &error))?;
        let stream = TcpStream::connect(self.0)
            .await
            .map_err(|error| Failure::of("the service is not there", &error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        let connection = tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.map_err(failed)?.into_parts();
        let body = body.collect().await.map_err(failed)?.to_bytes();
        connection.abort();
        if !head.status.is_success() {
            let text = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("{method} {path} was answered by {}: {text}", head.status)));
        }
        Ok(Response::from_parts(head, body))
    }

    /// Reads something as JSON.
    pub(crate) async fn read(self, path: &str) -> Result<Value, Failure> {
        let response = self.send(Method::GET, path, &[], Bytes::new()).await?;
        serde_json::from_slice(response.body()).map_err(|error| Failure::of(path, &error))
    }
}
