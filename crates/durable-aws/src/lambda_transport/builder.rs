//! Configures the lean transport.

use std::sync::Arc;
use std::time::Duration;

use durable_core::error::BoxError;

use super::transport::LambdaTransport;
use crate::credentials::Credentials;
use crate::environment::{Environment, EnvironmentCredentials};
use crate::lambda_api::client::Client;
use crate::lambda_api::clock_skew::ClockSkew;
use crate::lambda_api::connector::Connector;
use crate::lambda_api::container_credentials::ContainerCredentials;
use crate::lambda_api::credentials_source::CredentialsSource;
use crate::lambda_api::endpoint::{Endpoint, EndpointVariant};
use crate::lambda_api::http_client::HttpClient;
use crate::lambda_api::random::Random;
use crate::lambda_api::retry::RetryPolicy;
use crate::lambda_api::signer::Signer;
use crate::lambda_api::tls::Tls;
use crate::lambda_api::user_agent::user_agent;
use crate::timeouts::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};

/// Configures a [`LambdaTransport`].
///
/// ```
/// use std::time::Duration;
///
/// use durable_aws::{Credentials, LambdaTransport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let transport = LambdaTransport::builder("eu-central-1", credentials)
///     .endpoint_url("http://127.0.0.1:9000")
///     .response_timeout(Duration::from_secs(10))
///     .max_attempts(5)
///     .build()?;
/// # let _ = transport;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct LambdaTransportBuilder {
    region: String,
    credentials: EnvironmentCredentials,
    endpoint_url: Option<String>,
    variant: EndpointVariant,
    app_id: Option<String>,
    ca_bundle: Option<String>,
    execution_environment: Option<String>,
    retry_policy: RetryPolicy,
    timeouts: Timeouts,
}

#[derive(Clone, Copy)]
struct Timeouts {
    connect: Duration,
    response: Duration,
}

impl LambdaTransportBuilder {
    pub(super) fn new(region: impl Into<String>, credentials: Credentials) -> Self {
        Self {
            region: region.into(),
            credentials: EnvironmentCredentials::Keys(credentials),
            endpoint_url: None,
            variant: EndpointVariant::default(),
            app_id: None,
            ca_bundle: None,
            execution_environment: None,
            retry_policy: RetryPolicy::default(),
            timeouts: Timeouts { connect: CONNECT_TIMEOUT, response: RESPONSE_TIMEOUT },
        }
    }

    /// Starts from what the environment variables say, which the methods override; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the transport needs is missing or invalid.
    pub fn from_env() -> Result<Self, BoxError> {
        let environment = Environment::read(|name| std::env::var(name).ok())?;
        let default = RetryPolicy::default();
        Ok(Self {
            region: environment.region,
            credentials: environment.credentials,
            endpoint_url: environment.endpoint_url,
            variant: EndpointVariant {
                use_fips: environment.use_fips,
                use_dual_stack: environment.use_dual_stack,
            },
            app_id: environment.app_id,
            ca_bundle: environment.ca_bundle,
            execution_environment: environment.execution_environment,
            retry_policy: RetryPolicy {
                max_attempts: environment.max_attempts.unwrap_or(default.max_attempts),
                ..default
            },
            timeouts: Timeouts { connect: CONNECT_TIMEOUT, response: RESPONSE_TIMEOUT },
        })
    }

    /// Sets the region, which requests are signed for and which determines the endpoint.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// Sets the credentials. They are used until the process ends, so they must not expire before.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = EnvironmentCredentials::Keys(credentials);
        self
    }

    /// Sets the URL of the service, such as that of a local service, instead of the endpoint of the region.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Selects the endpoint of the region with cryptography validated by FIPS.
    pub fn use_fips(mut self, use_fips: bool) -> Self {
        self.variant.use_fips = use_fips;
        self
    }

    /// Selects the endpoint of the region that is reachable over IPv6 as well.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
        self.variant.use_dual_stack = use_dual_stack;
        self
    }

    /// Sets a PEM file with the certificate authorities to trust instead of the public ones.
    pub fn ca_bundle(mut self, path: impl Into<String>) -> Self {
        self.ca_bundle = Some(path.into());
        self
    }

    /// Sets the name of the application in the `User-Agent` header.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.app_id = Some(app_id.into());
        self
    }

    /// Sets the time limit for a connection, including its TLS handshake, and for a response of the credentials
    /// endpoint; 5 seconds by default. On Linux, a connection whose peer acknowledges nothing for as long is given up.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = limit;
        self
    }

    /// Sets the time limit from the start of a request to the head of its response, and again for the body of the
    /// response; 50 seconds by default.
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.response = limit;
        self
    }

    /// Sets how often a request is attempted, including the first time; 3 by default, and at least 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.retry_policy.max_attempts = attempts.max(1);
        self
    }

    /// Sets the upper bound of the first delay between attempts, which doubles each time; by default 50 milliseconds
    /// after transient errors and 1 second after throttling.
    pub fn initial_backoff(mut self, backoff: Duration) -> Self {
        self.retry_policy.initial_backoff = backoff;
        self.retry_policy.throttling_backoff = backoff;
        self
    }

    /// Creates the transport. It connects at the first request.
    ///
    /// # Errors
    /// If there is no endpoint for this configuration, or if a value is not valid in a header.
    pub fn build(self) -> Result<LambdaTransport, BoxError> {
        let endpoint = Endpoint::resolve(self.endpoint_url.as_deref(), &self.region, self.variant)?;
        let user_agent = user_agent(self.execution_environment.as_deref(), self.app_id.as_deref())?;
        let Timeouts { connect, response } = self.timeouts;
        let http = |endpoint, response_limit| {
            let connector = Connector::new(endpoint, Tls::new(self.ca_bundle.clone()), connect);
            HttpClient::new(connector, response_limit)
        };
        let credentials = match self.credentials {
            EnvironmentCredentials::Keys(credentials) => CredentialsSource::Fixed(Arc::new(credentials)),
            EnvironmentCredentials::Container { url, authorization } => {
                let (endpoint, path) = ContainerCredentials::check_url(&url)?;
                // The endpoint is near, so its response takes no longer than a connection.
                let http = http(endpoint.clone(), connect);
                let container = ContainerCredentials::new(http, (endpoint, path), authorization);
                CredentialsSource::Container(Box::new(container))
            }
        };
        Ok(LambdaTransport::new(Client {
            http: http(endpoint.clone(), response),
            endpoint,
            credentials,
            signer: Signer::new(self.region),
            clock_skew: ClockSkew::default(),
            user_agent,
            retry_policy: self.retry_policy,
            random: Random::new(),
        }))
    }
}

impl LambdaTransport {
    /// Creates a transport that environment variables configure; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the transport needs is missing or invalid.
    pub fn from_env() -> Result<Self, BoxError> {
        LambdaTransportBuilder::from_env()?.build()
    }

    /// Configures a transport without environment variables.
    pub fn builder(region: impl Into<String>, credentials: Credentials) -> LambdaTransportBuilder {
        LambdaTransportBuilder::new(region, credentials)
    }
}

#[cfg(test)]
mod tests {
    use durable_core::transport::Transport;
    use durable_types::api::GetStateRequest;
    use tokio::net::TcpListener;

    use super::*;
    use crate::environment::ContainerAuthorization;

    #[tokio::test(start_paused = true)]
    async fn a_credentials_endpoint_that_is_silent_is_given_up_soon() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/credentials", listener.local_addr().unwrap());
        let mut builder = LambdaTransport::builder("eu-central-1", Credentials::new("key", "secret"));
        builder.credentials =
            EnvironmentCredentials::Container { url, authorization: ContainerAuthorization::Nothing };
        let transport = builder.max_attempts(1).build().unwrap();

        let error = transport.get_state(GetStateRequest::new("arn", "token")).await.unwrap_err();

        assert!(!error.fails_execution());
        assert!(format!("{error:?}").contains("ResponseTimeout(5s)"), "{error:?}");
    }
}
