//! Sends requests to a service, signed if it is AWS's.

use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use durable_host::causes::with_causes;
use durable_local::discovery::read_address;
use durable_local::{LocalService, Resume, Settings, StartError};
use http_body_util::BodyExt;

use super::address::{LocalEndpoint, configured};
use super::answer::Answer;
use super::aws::Aws;
use super::error::RemoteError;
use super::options::{ReadOptions, ServiceOptions};
use super::request::{Request, Service};
use crate::config::MAX_LOG_MB;
use crate::secret::shared_secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum number of attempts of a read request, if AWS throttles it.
const ATTEMPTS: u32 = 4;
const FIRST_DELAY: Duration = Duration::from_millis(200);

/// A client of one service.
pub(crate) struct Client {
    connector: Connector,
    place: Place,
    /// The service, if it runs only for this client.
    _own: Option<LocalService>,
}

enum Place {
    /// A service that needs no signatures, but may need its secret.
    Local { endpoint: String, secret: Option<String> },
    /// AWS, or a compatible endpoint.
    Aws(Box<Aws>),
}

impl Place {
    /// Creates the place for a local service, with the secret if it may be sent there.
    fn local(endpoint: &LocalEndpoint) -> Result<Self, RemoteError> {
        Ok(Self::Local { secret: endpoint.admit(shared_secret())?, endpoint: endpoint.url() })
    }
}

impl Client {
    /// Finds the service that the options select, without sending anything.
    pub(crate) async fn open(options: &ServiceOptions) -> Result<Self, RemoteError> {
        let place = if options.is_aws() {
            Place::Aws(Box::new(Aws::load(options).await?))
        } else {
            Place::local(&LocalEndpoint::find(options)?)?
        };
        Self::at(place)
    }

    /// Finds the service that the options select, or opens the data folder itself if `--offline` is set and no service
    /// runs on it.
    pub(crate) async fn open_to_read(options: &ReadOptions) -> Result<Self, RemoteError> {
        if !options.offline {
            return Self::open(&options.service).await;
        }
        let configured = configured()?;
        let folder = configured.folder(options.service.folder.as_deref());
        if read_address(&folder).is_some() {
            return Self::open(&options.service).await;
        }
        if !folder.is_dir() {
            return Err(RemoteError::NoFolder(folder));
        }
        let mut settings = Settings::new(folder);
        settings.resume = Resume::Nothing;
        // Reading must not delete log lines.
        settings.log_bytes = configured.log_bytes(Some(MAX_LOG_MB)).unwrap_or(settings.log_bytes);
        let own = LocalService::start(settings).await.map_err(RemoteError::Folder)?;
        let address = own.address().ok_or(RemoteError::Folder(StartError::NoAddress))?;
        let client = Self::at(Place::Local { endpoint: format!("http://{address}"), secret: None })?;
        Ok(Self { _own: Some(own), ..client })
    }

    fn at(place: Place) -> Result<Self, RemoteError> {
        let connector =
            connector(!matches!(&place, Place::Local { endpoint, .. } if endpoint.starts_with("http://")))?;
        Ok(Self { connector, place, _own: None })
    }

    /// Returns whether the client talks to AWS, where some requests differ.
    pub(crate) fn is_aws(&self) -> bool {
        matches!(self.place, Place::Aws(_))
    }

    /// Returns whether the client talks to a service that runs functions, rather than to a data folder or AWS.
    pub(crate) fn runs_functions(&self) -> bool {
        !self.is_aws() && self._own.is_none()
    }

    /// Returns the URL of the service.
    pub(crate) fn endpoint(&self) -> String {
        self.endpoint_of(Service::Lambda)
    }

    /// Sends a request and returns the answer. An error response is an `Err`.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, RemoteError> {
        let may_repeat = self.is_aws() && (request.method == "GET" || request.service == Service::Logs);
        let mut attempts = if may_repeat { ATTEMPTS } else { 1 };
        let mut delay = FIRST_DELAY;
        loop {
            attempts = attempts.saturating_sub(1);
            let answer = self.try_once(&request).await?;
            if attempts == 0 || !answer.may_pass() {
                return answer.accepted();
            }
            tokio::time::sleep(delay).await;
            delay = delay.saturating_mul(2);
        }
    }

    async fn try_once(&self, request: &Request) -> Result<Answer, RemoteError> {
        let endpoint = self.endpoint_of(request.service);
        let url = format!("{endpoint}{}{}", request.path, request.query);
        let mut headers: Vec<(&str, String)> = request.headers.clone();
        let signature = match &self.place {
            Place::Local { secret, .. } => authorization(secret.as_deref()),
            Place::Aws(aws) => {
                headers.push(("host", host(&url)));
                aws.sign(request.service, request.method, &url, &headers, &request.body).await?
            }
        };
        let unsendable = |error: &dyn std::fmt::Display| RemoteError::Unsendable(error.to_string());
        let mut http = HttpRequest::new(request.body.clone().into());
        http.set_method(request.method).map_err(|error| unsendable(&error))?;
        http.set_uri(url).map_err(|error| unsendable(&error))?;
        let plain = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        for (name, value) in plain.chain(signature) {
            http.headers_mut().try_insert(name, value).map_err(|error| unsendable(&error))?;
        }
        let unreachable = |cause: String| RemoteError::Unreachable {
            endpoint: endpoint.clone(),
            is_aws: self.is_aws(),
            cause,
        };
        let answer = self.connector.call(http).await.map_err(|error| unreachable(with_causes(&error)))?;
        let status = answer.status().as_u16();
        let headers =
            answer.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let headers = headers.collect();
        let body = answer.into_body().collect().await.map_err(|error| unreachable(error.to_string()))?;
        Ok(Answer { status, headers, body: body.to_bytes() })
    }

    fn endpoint_of(&self, service: Service) -> String {
        match &self.place {
            Place::Local { endpoint, .. } => endpoint.clone(),
            Place::Aws(aws) => aws.endpoint(service).to_owned(),
        }
    }
}

/// Returns the header that a local service requires if other machines can reach it.
fn authorization(secret: Option<&str>) -> Vec<(String, String)> {
    let token = secret.map(|secret| ("authorization".to_owned(), format!("Bearer {secret}")));
    token.into_iter().collect()
}

/// Returns the host of a URL, with its port if there is one.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

fn connector(encrypted: bool) -> Result<Connector, RemoteError> {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let builder = Connector::builder().connector_settings(settings).sleep_impl(TokioSleep::new());
    if !encrypted {
        // Loading the certificates of the system takes longer than the request.
        return Ok(builder.build_http());
    }
    let tls = TlsContext::builder().with_trust_store(TrustStore::default()).build();
    let tls = tls.map_err(|error| RemoteError::Unsendable(error.to_string()))?;
    Ok(builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build())
}
