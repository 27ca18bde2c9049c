//! Configures the client.

use std::time::Duration;

use super::client::Client;
use super::client_error::ClientError;
use crate::credentials_provider::CredentialsProvider;
use crate::lambda_api::api_settings::ApiSettings;
use crate::lambda_api::shared_options::shared_options;

/// Configures a [`Client`].
///
/// ```
/// use durable_aws::{Client, Credentials};
///
/// # fn main() -> Result<(), durable_aws::client::ClientError> {
/// // A local service accepts any credentials.
/// let client = Client::builder("us-east-1", Credentials::new("local", "local"))
///     .endpoint_url("http://127.0.0.1:9800")
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ClientBuilder {
    settings: ApiSettings,
}

impl ClientBuilder {
    /// Starts from what the environment variables say, which the methods override; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the client needs is missing or invalid.
    pub fn from_env() -> Result<Self, ClientError> {
        let settings = ApiSettings::from_env().map_err(ClientError::configuration)?;
        Ok(Self { settings })
    }

    shared_options!();

    /// Sets the time limit for the response of [`Client::invoke`], which arrives when the execution has ended; 16
    /// minutes by default, because Lambda waits for at most 15. On Linux, the connection is kept alive meanwhile.
    pub fn invoke_timeout(mut self, limit: Duration) -> Self {
        self.settings.execution_timeout = limit;
        self
    }

    /// Creates the client. It connects at the first request.
    ///
    /// # Errors
    /// If there is no endpoint for this configuration, or if a value is not valid in a header.
    pub fn build(self) -> Result<Client, ClientError> {
        self.settings.build().map(Client::new).map_err(ClientError::configuration)
    }
}

impl Client {
    /// Creates a client that environment variables configure; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the client needs is missing or invalid.
    pub fn from_env() -> Result<Self, ClientError> {
        ClientBuilder::from_env()?.build()
    }

    /// Configures a client without environment variables, with [`Credentials`](crate::Credentials) or another
    /// [`CredentialsProvider`].
    pub fn builder(region: impl Into<String>, credentials: impl CredentialsProvider) -> ClientBuilder {
        ClientBuilder { settings: ApiSettings::new(region, credentials) }
    }
}
