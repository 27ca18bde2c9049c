//! Configures the lean transport.

use durable_core::error::BoxError;

use super::transport::LambdaTransport;
use crate::credentials_provider::CredentialsProvider;
use crate::lambda_api::api_settings::ApiSettings;
use crate::lambda_api::shared_options::shared_options;

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
    settings: ApiSettings,
}

impl LambdaTransportBuilder {
    /// Starts from what the environment variables say, which the methods override; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the transport needs is missing or invalid.
    pub fn from_env() -> Result<Self, BoxError> {
        Ok(Self { settings: ApiSettings::from_env()? })
    }

    shared_options!();

    /// Creates the transport. It connects at the first request.
    ///
    /// # Errors
    /// If there is no endpoint for this configuration, or if a value is not valid in a header.
    pub fn build(self) -> Result<LambdaTransport, BoxError> {
        self.settings.build().map(LambdaTransport::new)
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
    pub fn builder(
        region: impl Into<String>,
        credentials: impl CredentialsProvider,
    ) -> LambdaTransportBuilder {
        LambdaTransportBuilder { settings: ApiSettings::new(region, credentials) }
    }
}
