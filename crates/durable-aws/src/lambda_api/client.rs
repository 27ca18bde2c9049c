//! Signs and sends requests, and retries those that may succeed later.

use std::time::SystemTime;

use bytes::Bytes;
use durable_core::transport::TransportError;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::api_request::ApiRequest;
use super::attempt_error::AttemptError;
use super::clock_skew::ClockSkew;
use super::credentials_source::CredentialsSource;
use super::endpoint::Endpoint;
use super::http_client::HttpClient;
use super::random::Random;
use super::retry::{Attempts, RetryHint, RetryPolicy, RetryReason};
use super::signer::{Signable, Signer};
use crate::error_response::ErrorResponse;
use crate::json;

const JSON: &str = "application/json";

/// A client of the API's two operations.
pub(crate) struct Client {
    pub(crate) endpoint: Endpoint,
    pub(crate) http: HttpClient,
    pub(crate) credentials: CredentialsSource,
    pub(crate) signer: Signer,
    pub(crate) clock_skew: ClockSkew,
    pub(crate) user_agent: HeaderValue,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) random: Random,
}

impl Client {
    /// Sends a request, which must be safe to repeat. All attempts have the same id.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        request: &ApiRequest,
        id: Uuid,
    ) -> Result<T, TransportError> {
        let mut attempts = Attempts::new(self.retry_policy);
        loop {
            let error = match self.attempt(request, id, &attempts).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let hint = self.retry_hint(&error);
            let delay = hint.and_then(|hint| attempts.handle_failed(hint, self.random.fraction()));
            let Some(delay) = delay else { return Err(error.into_transport_error(request.operation)) };
            tokio::time::sleep(delay).await;
        }
    }

    /// Returns how the request may be repeated, after what was wrong on this side has been put right.
    fn retry_hint(&self, error: &AttemptError) -> Option<RetryHint> {
        let hint = error.retry_hint()?;
        let can_repeat = match hint.reason {
            RetryReason::Transient | RetryReason::Throttling => true,
            RetryReason::ExpiredCredentials => self.credentials.handle_expired(),
            RetryReason::RefusedSignature => error.clocks().is_some_and(|(signed_at, service_time)| {
                self.clock_skew.handle_refused(signed_at, service_time, SystemTime::now())
            }),
        };
        can_repeat.then_some(hint)
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: &ApiRequest,
        id: Uuid,
        attempts: &Attempts,
    ) -> Result<T, AttemptError> {
        let signed_at = self.clock_skew.correct(SystemTime::now());
        let request = self.http_request(request, id, attempts, signed_at).await?;
        let response = self.http.send(request).await.map_err(AttemptError::Http)?;
        if response.status().is_success() {
            json::parse(response.body()).map_err(AttemptError::Unreadable)
        } else {
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
            let response = ErrorResponse::read(response.status().as_u16(), header, response.body());
            Err(AttemptError::Refused { response, signed_at })
        }
    }

    async fn http_request(
        &self,
        request: &ApiRequest,
        id: Uuid,
        attempts: &Attempts,
        now: SystemTime,
    ) -> Result<Request<Full<Bytes>>, AttemptError> {
        let credentials = self.credentials.credentials(now).await.map_err(AttemptError::Credentials)?;
        let ApiRequest { method, path, query, body, .. } = request;
        let path = format!("{}{path}", self.endpoint.base_path);
        let content_type = (!body.is_empty()).then_some(JSON);
        let host = self.endpoint.host_header.to_str().unwrap_or_default();
        let signable = Signable { method, path: &path, query, host, content_type, body };
        let signature = self.signer.sign(signable, &credentials, now);
        let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(HOST, &self.endpoint.host_header)
            .header(USER_AGENT, &self.user_agent)
            .header("x-amz-date", signature.date)
            .header(AUTHORIZATION, signature.authorization)
            .header("amz-sdk-invocation-id", id.to_string())
            .header("amz-sdk-request", format!("attempt={}; max={}", attempts.current(), attempts.max()));
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(token) = &credentials.session_token {
            request = request.header("x-amz-security-token", token);
        }
        request.body(Full::new(body.clone())).map_err(AttemptError::Header)
    }
}
