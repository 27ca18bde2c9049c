//! Both transports, configured alike.

use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use aws_sdk_lambda::{Client, Config};
use durable_aws::{AwsSdkTransport, Credentials, LambdaTransport, aws_sdk_lambda};
use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::fake_service::FakeService;

/// One of the transports.
#[derive(Clone, Debug)]
pub(crate) enum Either {
    Lean(LambdaTransport),
    AwsSdk(AwsSdkTransport),
}

/// What both can be configured to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) max_attempts: u32,
    pub(crate) response_timeout: Duration,
}

/// Which transport to test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lean,
    AwsSdk,
}

pub(crate) const BOTH: [Kind; 2] = [Kind::Lean, Kind::AwsSdk];

impl Default for Settings {
    fn default() -> Self {
        Self { max_attempts: 3, response_timeout: Duration::from_secs(50) }
    }
}

impl Settings {
    pub(crate) fn attempts(max_attempts: u32) -> Self {
        Self { max_attempts, ..Self::default() }
    }
}

impl Kind {
    /// Creates a transport to a service.
    pub(crate) fn to(self, service: &FakeService, settings: Settings) -> Either {
        self.to_url(service.url(), settings)
    }

    pub(crate) fn to_url(self, url: &str, settings: Settings) -> Either {
        let backoff = Duration::from_millis(1);
        match self {
            Self::Lean => {
                let builder = LambdaTransport::builder("eu-central-1", Credentials::new("key", "secret"))
                    .endpoint_url(url)
                    .max_attempts(settings.max_attempts)
                    .initial_backoff(backoff)
                    .response_timeout(settings.response_timeout);
                Either::Lean(builder.build().unwrap())
            }
            Self::AwsSdk => {
                let retries = RetryConfig::standard()
                    .with_max_attempts(settings.max_attempts)
                    .with_initial_backoff(backoff);
                let credentials =
                    aws_sdk_lambda::config::Credentials::new("key", "secret", None, None, "test");
                let http_client = aws_smithy_http_client::Builder::new().build_http();
                let config = Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new("eu-central-1"))
                    .credentials_provider(credentials)
                    .endpoint_url(url)
                    .retry_config(retries)
                    .timeout_config(TimeoutConfig::builder().read_timeout(settings.response_timeout).build())
                    .http_client(http_client);
                Either::AwsSdk(AwsSdkTransport::new(Client::from_conf(config.build())))
            }
        }
    }
}

impl Transport for Either {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        match self {
            Self::Lean(transport) => transport.checkpoint(request).await,
            Self::AwsSdk(transport) => transport.checkpoint(request).await,
        }
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        match self {
            Self::Lean(transport) => transport.get_state(request).await,
            Self::AwsSdk(transport) => transport.get_state(request).await,
        }
    }
}
