//! AWS's client of the Lambda API, answered from memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{
    BehaviorVersion, Credentials, HttpClient, IdentityCache, Region, RuntimeComponents,
    StalledStreamProtectionConfig,
};
use aws_sdk_lambda::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What to answer to every request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// An answer that says yes.
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, headers: vec![], body: body.into() }
    }
}

/// A request as it went out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The members of the query, each with all its values.
    pub(crate) query: BTreeMap<String, Vec<String>>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    /// The body, which is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A client that keeps what it sends and answers from memory.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    answer: Answer,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Memory {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { answer, sent: Arc::default() }
    }

    /// AWS's client, on this memory.
    pub(crate) fn client(&self) -> Client {
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "tests"))
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self.clone())
            .build();
        Client::from_conf(config)
    }

    /// The only request that went out.
    pub(crate) fn sent(&self) -> Sent {
        let sent = self.sent.lock().unwrap();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent[0].clone()
    }
}

impl HttpClient for Memory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (path, query) = {
            let uri = request.uri();
            let after_host = uri.split_once("amazonaws.com").map_or(uri, |(_, rest)| rest);
            let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
            (decoded(path), members(query))
        };
        let headers =
            request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let method = request.method().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        self.sent.lock().unwrap().push(Sent { method, path, query, headers, body });

        let status = StatusCode::try_from(self.answer.status).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(self.answer.body.as_str()));
        for (name, value) in &self.answer.headers {
            response.headers_mut().insert(*name, value.clone());
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Runs a call of AWS's client to its end.
pub(crate) fn block_on<F: Future>(call: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(call)
}

fn members(query: &str) -> BTreeMap<String, Vec<String>> {
    let mut members = BTreeMap::<String, Vec<String>>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        members.entry(name.to_owned()).or_default().push(decoded(value));
    }
    members
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
