//! Credentials from the endpoint of a container, as Lambda provides them to functions that start from a snapshot.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{Request, Uri};
use http_body_util::Full;

use super::endpoint::{Endpoint, EndpointError};
use super::expiring_credentials::{ExpiringCredentials, Validity};
use super::http_client::HttpClient;
use super::http_error::HttpError;
use crate::credentials::Credentials;
use crate::environment::ContainerAuthorization;

/// Fetches credentials, and keeps them until shortly before they expire.
pub(crate) struct ContainerCredentials {
    http: HttpClient,
    endpoint: Endpoint,
    path: Uri,
    authorization: ContainerAuthorization,
    kept: Mutex<Option<ExpiringCredentials>>,
}

/// There are no credentials.
#[derive(Debug, thiserror::Error)]
pub(super) enum CredentialsError {
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
pub(crate) enum ContainerEndpointError {
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
    pub(crate) fn check_url(url: &str) -> Result<(Endpoint, Uri), ContainerEndpointError> {
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

    pub(crate) fn new(
        http: HttpClient,
        (endpoint, path): (Endpoint, Uri),
        authorization: ContainerAuthorization,
    ) -> Self {
        Self { http, endpoint, path, authorization, kept: Mutex::new(None) }
    }

    /// Returns credentials that are valid now. If they cannot be replaced in time, the old ones are used to the end.
    pub(super) async fn credentials(&self, now: SystemTime) -> Result<Arc<Credentials>, CredentialsError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let usable = match kept.map(|kept| (kept.validity(now), kept.credentials)) {
            Some((Validity::Valid, credentials)) => return Ok(credentials),
            Some((Validity::Expiring, credentials)) => Some(credentials),
            Some((Validity::Expired, _)) | None => None,
        };
        match (self.fetch().await, usable) {
            (Ok(fetched), _) => {
                let credentials = Arc::clone(&fetched.credentials);
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
                Ok(credentials)
            }
            (Err(_), Some(usable)) => Ok(usable),
            (Err(error), None) => Err(error),
        }
    }

    /// Forgets credentials that the service calls expired.
    pub(crate) fn handle_expired(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn fetch(&self) -> Result<ExpiringCredentials, CredentialsError> {
        let request = self.request()?;
        let response = self.http.send(request).await.map_err(CredentialsError::Unreachable)?;
        if !response.status().is_success() {
            return Err(CredentialsError::Refused(response.status().as_u16()));
        }
        ExpiringCredentials::parse(response.body()).map_err(CredentialsError::Invalid)
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

/// Whether the host is this machine, or one of the addresses at which containers find their credentials.
fn is_local(host: &str) -> bool {
    const CONTAINER_HOSTS: &[&str] = &["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
    host.eq_ignore_ascii_case("localhost")
        || CONTAINER_HOSTS.contains(&host)
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::lambda_api::connector::Connector;
    use crate::lambda_api::tls::Tls;

    const LIMIT: Duration = Duration::from_secs(50);
    const UNAVAILABLE: &str = "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n";

    /// Credentials that expire at this hour after the epoch.
    fn response(key: &str, hour: u32) -> String {
        let body = format!(
            r#"{{"AccessKeyId":"{key}","SecretAccessKey":"s","Expiration":"1970-01-01T0{hour}:00:00Z"}}"#
        );
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    /// Credentials from an endpoint with these responses.
    async fn container(responses: impl IntoIterator<Item = String>) -> ContainerCredentials {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/credentials", listener.local_addr().unwrap());
        let responses: Vec<_> = responses.into_iter().collect();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for response in responses {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    stream.read_buf(&mut request).await.unwrap();
                }
                assert!(request.starts_with(b"GET /credentials HTTP/1.1\r\n"));
                stream.write_all(response.as_bytes()).await.unwrap();
            }
        });
        let (endpoint, path) = ContainerCredentials::check_url(&url).unwrap();
        let http = HttpClient::new(Connector::new(endpoint.clone(), Tls::new(None), LIMIT), LIMIT);
        ContainerCredentials::new(http, (endpoint, path), ContainerAuthorization::Nothing)
    }

    async fn key(container: &ContainerCredentials, minutes: u64) -> Result<String, CredentialsError> {
        let now = UNIX_EPOCH + Duration::from_secs(60 * minutes);
        container.credentials(now).await.map(|credentials| credentials.access_key_id.clone())
    }

    #[tokio::test]
    async fn credentials_are_kept_until_shortly_before_they_expire() {
        let container = container([response("first", 1), response("second", 2)]).await;

        let mut keys = Vec::new();
        for minutes in [0, 54, 55, 114] {
            keys.push(key(&container, minutes).await.unwrap());
        }

        assert_eq!(keys, ["first", "first", "second", "second"]);
    }

    #[tokio::test]
    async fn credentials_that_cannot_be_replaced_are_used_to_the_end() {
        let responses = [response("first", 1), UNAVAILABLE.to_owned(), UNAVAILABLE.to_owned()];
        let container = container(responses).await;

        assert_eq!(key(&container, 0).await.unwrap(), "first");
        assert_eq!(key(&container, 59).await.unwrap(), "first");
        assert!(matches!(key(&container, 60).await, Err(CredentialsError::Refused(503))));
    }

    #[tokio::test]
    async fn credentials_that_the_service_calls_expired_are_replaced_early() {
        let container = container([response("first", 1), response("second", 1)]).await;

        assert_eq!(key(&container, 0).await.unwrap(), "first");
        container.handle_expired();

        assert_eq!(key(&container, 0).await.unwrap(), "second");
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
