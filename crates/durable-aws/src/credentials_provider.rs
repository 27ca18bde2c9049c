//! Where credentials come from.

use durable_core::error::BoxError;

use crate::credentials::Credentials;

/// Provides credentials: [`Credentials`] that never change, an async closure, or a type of your own.
///
/// What it provides is kept until five minutes before the [expiration](Credentials::with_expiration), or until the
/// service refuses it as expired. If the provider fails in those five minutes, the old credentials are used to the end.
///
/// A closure connects the providers of the AWS SDK, with profiles, single sign-on and assumed roles:
///
/// ```no_run
/// use aws_config::BehaviorVersion;
/// use aws_credential_types::provider::ProvideCredentials;
/// use durable_aws::{Client, Credentials};
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
/// let provider = config.credentials_provider().ok_or("no credentials are configured")?;
/// let region = config.region().ok_or("no region is configured")?.to_string();
///
/// let client = Client::builder(region, move || {
///     let provider = provider.clone();
///     async move {
///         let keys = provider.provide_credentials().await?;
///         Ok(Credentials::new(keys.access_key_id(), keys.secret_access_key())
///             .with_session_token(keys.session_token().map(str::to_owned))
///             .with_expiration(keys.expiry()))
///     }
/// })
/// .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
pub trait CredentialsProvider: Send + Sync + 'static {
    /// Provides credentials that are valid now.
    ///
    /// # Errors
    /// If there are none. The request that needs them is retried like one that the network lost.
    fn provide(&self) -> impl Future<Output = Result<Credentials, BoxError>> + Send;

    /// Returns the credentials, if they never change.
    #[doc(hidden)]
    fn fixed(&self) -> Option<Credentials> {
        None
    }
}

impl CredentialsProvider for Credentials {
    async fn provide(&self) -> Result<Credentials, BoxError> {
        Ok(self.clone())
    }

    fn fixed(&self) -> Option<Credentials> {
        Some(self.clone())
    }
}

impl<P, F> CredentialsProvider for P
where
    P: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<Credentials, BoxError>> + Send,
{
    fn provide(&self) -> impl Future<Output = Result<Credentials, BoxError>> + Send {
        self()
    }
}
