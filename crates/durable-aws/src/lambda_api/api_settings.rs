//! The settings that all clients of the Lambda API share.

use std::sync::Arc;
use std::time::Duration;

use durable_core::error::BoxError;

use super::api_client::ApiClient;
use super::clock_skew::ClockSkew;
use super::connector::{Connector, Keepalive};
use super::container_credentials::ContainerCredentials;
use super::credentials_source::CredentialsSource;
use super::endpoint::{Endpoint, EndpointVariant};
use super::http_client::HttpClient;
use super::random::Random;
use super::retry::RetryPolicy;
use super::signer::Signer;
use super::tls::Tls;
use super::user_agent::user_agent;
use crate::credentials_provider::CredentialsProvider;
use crate::environment::{Environment, EnvironmentCredentials};
use crate::timeouts::{CONNECT_TIMEOUT, EXECUTION_TIMEOUT, RESPONSE_TIMEOUT};

/// Settings from which an [`ApiClient`] is created.
pub(crate) struct ApiSettings {
    pub(crate) region: String,
    pub(crate) credentials: CredentialsSettings,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) variant: EndpointVariant,
    pub(crate) app_id: Option<String>,
    pub(crate) ca_bundle: Option<String>,
    execution_environment: Option<String>,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    /// The time limit of a response that waits for the end of an execution.
    pub(crate) execution_timeout: Duration,
}

/// Where the credentials come from.
pub(crate) enum CredentialsSettings {
    Given(CredentialsSource),
    /// The environment, whose endpoint is checked when the client is created.
    Environment(EnvironmentCredentials),
}

impl CredentialsSettings {
    pub(crate) fn given(provider: impl CredentialsProvider) -> Self {
        Self::Given(CredentialsSource::new(provider))
    }
}

impl ApiSettings {
    pub(crate) fn new(region: impl Into<String>, credentials: impl CredentialsProvider) -> Self {
        Self {
            region: region.into(),
            credentials: CredentialsSettings::given(credentials),
            endpoint_url: None,
            variant: EndpointVariant::default(),
            app_id: None,
            ca_bundle: None,
            execution_environment: None,
            retry_policy: RetryPolicy::default(),
            connect_timeout: CONNECT_TIMEOUT,
            response_timeout: RESPONSE_TIMEOUT,
            execution_timeout: EXECUTION_TIMEOUT,
        }
    }

    /// Reads the settings from environment variables.
    pub(crate) fn from_env() -> Result<Self, BoxError> {
        let environment = Environment::read(|name| std::env::var(name).ok())?;
        let default = RetryPolicy::default();
        Ok(Self {
            region: environment.region,
            credentials: CredentialsSettings::Environment(environment.credentials),
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
            connect_timeout: CONNECT_TIMEOUT,
            response_timeout: RESPONSE_TIMEOUT,
            execution_timeout: EXECUTION_TIMEOUT,
        })
    }

    /// Creates the client, which connects at the first request.
    pub(crate) fn build(self) -> Result<ApiClient, BoxError> {
        let endpoint = Endpoint::resolve(self.endpoint_url.as_deref(), &self.region, self.variant)?;
        let user_agent = user_agent(self.execution_environment.as_deref(), self.app_id.as_deref())?;
        let tls = Arc::new(Tls::new(self.ca_bundle));
        let connector =
            |endpoint: &Endpoint| Connector::new(endpoint.clone(), Arc::clone(&tls), self.connect_timeout);
        let patient = connector(&endpoint).with_keepalive(Keepalive::DEFAULT);
        let credentials = match self.credentials {
            CredentialsSettings::Given(source) => source,
            CredentialsSettings::Environment(EnvironmentCredentials::Keys(keys)) => {
                CredentialsSource::new(keys)
            }
            CredentialsSettings::Environment(EnvironmentCredentials::Container { url, authorization }) => {
                let (endpoint, path) = ContainerCredentials::check_url(&url)?;
                // The endpoint is near, so its response takes no longer than a connection.
                let http = HttpClient::new(connector(&endpoint), self.connect_timeout);
                CredentialsSource::new(ContainerCredentials::new(http, (endpoint, path), authorization))
            }
        };
        Ok(ApiClient {
            http: HttpClient::new(connector(&endpoint), self.response_timeout),
            patient_http: HttpClient::new(patient, self.execution_timeout),
            endpoint,
            credentials,
            signer: Signer::new(self.region),
            clock_skew: ClockSkew::default(),
            user_agent,
            retry_policy: self.retry_policy,
            random: Random::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tokio::net::TcpListener;

    use super::*;
    use crate::credentials::Credentials;
    use crate::environment::ContainerAuthorization;
    use crate::lambda_api::api_request::ApiRequest;

    #[tokio::test(start_paused = true)]
    async fn a_credentials_endpoint_that_is_silent_is_given_up_soon() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/credentials", listener.local_addr().unwrap());
        let mut settings = ApiSettings::new("eu-central-1", Credentials::new("key", "secret"));
        let container =
            EnvironmentCredentials::Container { url, authorization: ContainerAuthorization::Nothing };
        settings.credentials = CredentialsSettings::Environment(container);
        settings.retry_policy.max_attempts = 1;
        let client = settings.build().unwrap();

        let request = ApiRequest::new("GetDurableExecution", Method::GET, &["executions"]);
        let failure = client.send(&request, client.request_id().unwrap()).await.unwrap_err();

        assert!(format!("{failure:?}").contains("ResponseTimeout(5s)"), "{failure:?}");
    }
}
