//! Credentials from the endpoint of a container, as Lambda provides them to functions that start from a snapshot.

use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use durable_core::error::BoxError;
use durable_types::Timestamp;
use http::header::{AUTHORIZATION, HOST};
use http::{Request, Uri};
use http_body_util::Full;
use serde::Deserialize;

use super::endpoint::{Endpoint, EndpointError};
use super::http_client::HttpClient;
use super::http_error::HttpError;
use crate::credentials::Credentials;
use crate::credentials_provider::CredentialsProvider;
use crate::environment::ContainerAuthorization;

/// Fetches credentials from an endpoint.
pub(super) struct ContainerCredentials {
    http: HttpClient,
    endpoint: Endpoint,
    path: Uri,
    authorization: ContainerAuthorization,
}

/// There are no credentials.
#[derive(Debug, thiserror::Error)]
enum CredentialsError {
    #[error("the credentials endpoint cannot be reached")]
    Unreachable(#[source] HttpError),
    #[error("the credentials endpoint responded with status {0}")]
    Refused(u16),
    #[error("the response of the credentials endpoint is invalid")]
    Invalid(#[source] serde_json::Error),
    #[error("cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE `{path}`")]
    TokenFile { path: String, source: std::io::Error },
    #[error("the token for the credentials endpoint is not a valid header")]
    Token(#[source] http::Error),
}

/// The endpoint of the credentials must not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContainerEndpointError {
    #[error(transparent)]
    Invalid(#[from] EndpointError),
    #[error(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI `{0}` is neither https nor an address of this machine or its container, \
         so it would send credentials unencrypted"
    )]
    Unencrypted(String),
}

impl ContainerCredentials {
    /// Checks that credentials do not travel unencrypted, except within this machine.
    pub(super) fn check_url(url: &str) -> Result<(Endpoint, Uri), ContainerEndpointError> {
        let endpoint = Endpoint::parse(url)?;
        let invalid = || EndpointError::InvalidUrl(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let path = uri.path_and_query().cloned().map(Uri::from).ok_or_else(invalid)?;
        if endpoint.is_https || is_local(&endpoint.host) {
            Ok((endpoint, path))
        } else {
            Err(ContainerEndpointError::Unencrypted(url.to_owned()))
        }
    }

    pub(super) fn new(
        http: HttpClient,
        (endpoint, path): (Endpoint, Uri),
        authorization: ContainerAuthorization,
    ) -> Self {
        Self { http, endpoint, path, authorization }
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let request = self.request()?;
        let response = self.http.send(request, true).await.map_err(CredentialsError::Unreachable)?;
        if !response.status().is_success() {
            return Err(CredentialsError::Refused(response.status().as_u16()));
        }
        parse(response.body()).map_err(CredentialsError::Invalid)
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, CredentialsError> {
        let mut request = Request::get(self.path.clone()).header(HOST, self.endpoint.host_header.clone());
        if let Some(token) = self.token()? {
            request = request.header(AUTHORIZATION, token);
        }
        request.body(Full::default()).map_err(CredentialsError::Token)
    }

    fn token(&self) -> Result<Option<String>, CredentialsError> {
        match &self.authorization {
            ContainerAuthorization::Nothing => Ok(None),
            ContainerAuthorization::Token(token) => Ok(Some(token.clone())),
            ContainerAuthorization::File(path) => match std::fs::read_to_string(path) {
                Ok(token) => Ok(Some(token.trim_end().to_owned())),
                Err(source) => Err(CredentialsError::TokenFile { path: path.clone(), source }),
            },
        }
    }
}

impl CredentialsProvider for ContainerCredentials {
    async fn provide(&self) -> Result<Credentials, BoxError> {
        Ok(self.fetch().await?)
    }
}

/// Parses the response of the endpoint.
fn parse(json: &[u8]) -> Result<Credentials, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Json {
        access_key_id: String,
        secret_access_key: String,
        token: Option<String>,
        expiration: Option<Timestamp>,
    }

    let Json { access_key_id, secret_access_key, token, expiration } = serde_json::from_slice(json)?;
    let expiration = expiration.and_then(|expiration| {
        let since_epoch = u64::try_from(expiration.as_millis()).ok()?;
        UNIX_EPOCH.checked_add(Duration::from_millis(since_epoch))
    });
    let credentials = Credentials::new(access_key_id, secret_access_key);
    Ok(credentials.with_session_token(token).with_expiration(expiration))
}

/// Whether the host is this machine, or one of the addresses at which containers find their credentials.
fn is_local(host: &str) -> bool {
    const CONTAINER_HOSTS: &[&str] = &["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
    host.eq_ignore_ascii_case("localhost")
        || CONTAINER_HOSTS.contains(&host)
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::lambda_api::connector::Connector;
    use crate::lambda_api::tls::Tls;

    const LIMIT: Duration = Duration::from_secs(50);
    /// Credentials from an endpoint with this response.
    async fn provided(response: &'static str) -> Result<Credentials, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/credentials", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            assert!(request.starts_with(b"GET /credentials HTTP/1.1\r\n"));
            stream.write_all(response.as_bytes()).await.unwrap();
        });
        let (endpoint, path) = ContainerCredentials::check_url(&url).unwrap();
        let http = HttpClient::new(Connector::new(endpoint.clone(), Arc::new(Tls::new(None)), LIMIT), LIMIT);
        let container = ContainerCredentials::new(http, (endpoint, path), ContainerAuthorization::Nothing);
        container.provide().await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn credentials_are_read_with_their_expiration() {
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 96\r\n\r\n\
            {\"AccessKeyId\":\"key\",\"SecretAccessKey\":\"secret\",\"Token\":\"t\",\"Expiration\":\"1970-01-01T01:00:00Z\"}";

        let expected = Credentials::new("key", "secret")
            .with_session_token(Some("t".to_owned()))
            .with_expiration(Some(UNIX_EPOCH + Duration::from_secs(3_600)));
        assert_eq!(provided(response).await, Ok(expected));
    }

    #[tokio::test]
    async fn an_endpoint_that_refuses_provides_nothing() {
        let unavailable = "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n";

        let error = provided(unavailable).await.unwrap_err();

        assert_eq!(error, "the credentials endpoint responded with status 503");
    }

    #[test]
    fn credentials_travel_unencrypted_only_within_the_machine() {
        let allowed = [
            "http://127.0.0.1:9002/credentials",
            "http://localhost/credentials",
            "http://[::1]:80/credentials",
            "http://169.254.170.2/v2",
            "http://[fd00:ec2::23]/v1",
            "https://example.com/credentials?role=1",
        ];

        for url in allowed {
            assert!(ContainerCredentials::check_url(url).is_ok(), "{url}");
        }
        for url in ["http://example.com/credentials", "http://10.0.0.1/", "credentials"] {
            assert!(ContainerCredentials::check_url(url).is_err(), "{url}");
        }
    }
}
