//! The client of the Lambda API, made from the environment.

use std::time::Duration;

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

use crate::environment::Environment;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(50);

/// Makes the client; its connections are made when they are needed, and kept.
pub(crate) fn from_environment(environment: Environment) -> Result<Client, BoxError> {
    let http_client = http_client(&environment)?;
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let retries =
        if environment.adaptive_retries { RetryConfig::adaptive() } else { RetryConfig::standard() };
    let retries = match environment.max_attempts {
        Some(attempts) => retries.with_max_attempts(attempts),
        None => retries,
    };
    let Environment { access_key_id, secret_access_key, session_token, .. } = environment;
    let credentials =
        Credentials::new(access_key_id, secret_access_key, session_token, None, "EnvironmentVariables");
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

fn http_client(environment: &Environment) -> Result<SharedHttpClient, BoxError> {
    // Reading the certificates of the system takes longer than starting the rest of the function.
    let trust_store = if environment.is_plain_http() { TrustStore::empty() } else { TrustStore::default() };
    let tls = TlsContext::builder().with_trust_store(trust_store).build()?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build_https())
}
