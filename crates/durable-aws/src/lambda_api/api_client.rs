//! Signs and sends requests, and repeats those that may succeed later.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use uuid::Uuid;

use super::api_request::{ApiRequest, Responds};
use super::attempt_error::AttemptError;
use super::clock_skew::ClockSkew;
use super::credentials_source::CredentialsSource;
use super::endpoint::Endpoint;
use super::http_client::HttpClient;
use super::random::{NoRandomness, Random};
use super::request_failure::RequestFailure;
use super::retry::{Attempts, RetryHint, RetryPolicy, RetryReason};
use super::signer::{Signable, Signer};
use crate::error_response::ErrorResponse;

/// A client of the Lambda API, which knows no operation.
pub(crate) struct ApiClient {
    pub(super) endpoint: Endpoint,
    pub(super) http: HttpClient,
    /// For requests whose response waits for the end of an execution.
    pub(super) patient_http: HttpClient,
    pub(super) credentials: CredentialsSource,
    pub(super) signer: Signer,
    pub(super) clock_skew: ClockSkew,
    pub(super) user_agent: HeaderValue,
    pub(super) retry_policy: RetryPolicy,
    pub(super) random: Random,
}

impl ApiClient {
    /// Returns the id of a request, which is random.
    pub(crate) fn request_id(&self) -> Result<Uuid, NoRandomness> {
        self.random.uuid()
    }

    /// Returns a random fraction from 0 to below 1.
    pub(crate) fn random_fraction(&self) -> f64 {
        self.random.fraction()
    }

    /// Sends a request and returns the response, which is a success. All attempts have the same id.
    pub(crate) async fn send(
        &self,
        request: &ApiRequest,
        id: Uuid,
    ) -> Result<Response<Bytes>, RequestFailure> {
        let mut attempts = Attempts::new(self.retry_policy);
        let mut may_have_taken_effect = false;
        loop {
            let error = match self.attempt(request, id, &attempts).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let hint = self.retry_hint(request, &error);
            let delay = hint.and_then(|hint| attempts.handle_failed(hint, self.random.fraction()));
            let Some(delay) = delay else { return Err(RequestFailure { error, may_have_taken_effect }) };
            may_have_taken_effect |= error.may_have_taken_effect();
            tokio::time::sleep(delay).await;
        }
    }

    /// Returns how the request may be repeated, after what was wrong on this side has been put right.
    fn retry_hint(&self, request: &ApiRequest, error: &AttemptError) -> Option<RetryHint> {
        if !request.is_idempotent && error.may_have_taken_effect() {
            return None;
        }
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

    async fn attempt(
        &self,
        request: &ApiRequest,
        id: Uuid,
        attempts: &Attempts,
    ) -> Result<Response<Bytes>, AttemptError> {
        let signed_at = self.clock_skew.correct(SystemTime::now());
        let http = match request.responds {
            Responds::Promptly => &self.http,
            Responds::AfterExecution => &self.patient_http,
        };
        let http_request = self.http_request(request, id, attempts, signed_at).await?;
        let response = http.send(http_request, request.is_idempotent).await.map_err(AttemptError::Http)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let response = ErrorResponse::read(response.status().as_u16(), header, response.body());
        Err(AttemptError::Refused { response, signed_at })
    }

    async fn http_request(
        &self,
        request: &ApiRequest,
        id: Uuid,
        attempts: &Attempts,
        now: SystemTime,
    ) -> Result<Request<Full<Bytes>>, AttemptError> {
        let credentials = self.credentials.credentials(now).await.map_err(AttemptError::Credentials)?;
        let ApiRequest { method, path, query, headers, content_type, body, .. } = request;
        let path = format!("{}{path}", self.endpoint.base_path);
        let host = self.endpoint.host_header.to_str().unwrap_or_default();
        let signable =
            Signable { method, path: &path, query, host, content_type: *content_type, headers, body };
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
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(token) = &credentials.session_token {
            request = request.header("x-amz-security-token", token);
        }
        request.body(Full::new(body.clone())).map_err(AttemptError::Header)
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
