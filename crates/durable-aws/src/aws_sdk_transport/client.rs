//! The client of the Lambda API, made from the environment.

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{
    AppName, BehaviorVersion, Credentials, FrameworkMetadata, Region, SharedHttpClient,
};
use aws_sdk_lambda::{Client, Config};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use durable_core::error::BoxError;

use crate::environment::{Environment, EnvironmentCredentials};
use crate::timeouts::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};

/// Makes the client; its connections are made when they are needed, and kept.
pub(super) fn from_environment(environment: Environment) -> Result<Client, BoxError> {
    let http_client = http_client(&environment)?;
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(RESPONSE_TIMEOUT).build();
    let retries =
        if environment.adaptive_retries { RetryConfig::adaptive() } else { RetryConfig::standard() };
    let retries = match environment.max_attempts {
        Some(attempts) => retries.with_max_attempts(attempts),
        None => retries,
    };
    let EnvironmentCredentials::Keys(keys) = environment.credentials else {
        return Err(CredentialsNotInEnvironment.into());
    };
    let credentials = Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token,
        None,
        "EnvironmentVariables",
    );
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(environment.region))
        .credentials_provider(credentials)
        .use_fips(environment.use_fips)
        .use_dual_stack(environment.use_dual_stack)
        .timeout_config(timeouts)
        .retry_config(retries)
        .framework_metadata(FrameworkMetadata::new("durable-sdk", Some(env!("CARGO_PKG_VERSION")))?)
        .http_client(http_client);
    config.set_endpoint_url(environment.endpoint_url);
    config.set_app_name(environment.app_id.map(AppName::new).transpose()?);
    Ok(Client::from_conf(config.build()))
}

/// The credentials come from the endpoint of a container.
#[derive(Debug, thiserror::Error)]
#[error(
    "AWS_ACCESS_KEY_ID is not set, and `AwsSdkTransport::from_env` reads no other credentials; \
     use `LambdaTransport`, which supports AWS_CONTAINER_CREDENTIALS_FULL_URI, or give \
     `AwsSdkTransport::new` a client with a credentials provider"
)]
struct CredentialsNotInEnvironment;

fn http_client(environment: &Environment) -> Result<SharedHttpClient, BoxError> {
    // Reading the certificates of the system takes longer than starting the rest of the function.
    let is_plain_http = environment.endpoint_url.as_deref().is_some_and(|url| url.starts_with("http://"));
    let trust_store = if is_plain_http { TrustStore::empty() } else { TrustStore::default() };
    let tls = TlsContext::builder().with_trust_store(trust_store).build()?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build_https())
}
