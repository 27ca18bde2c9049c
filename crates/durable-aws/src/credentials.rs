//! The keys that sign requests.

use std::fmt;
use std::time::SystemTime;

/// AWS credentials: an access key, its secret, and the token of the session if they are temporary.
///
/// ```
/// use durable_aws::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token(Some("token".to_owned()));
///
/// assert!(!format!("{credentials:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
    pub(crate) expiration: Option<SystemTime>,
}

impl Credentials {
    /// Creates credentials without a session token.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        Self { access_key_id, secret_access_key, session_token: None, expiration: None }
    }

    /// Sets the token of the session, which temporary credentials need. An empty token is none.
    #[must_use]
    pub fn with_session_token(mut self, session_token: Option<String>) -> Self {
        self.session_token = session_token.filter(|token| !token.is_empty());
        self
    }

    /// Sets the time at which the credentials expire. Those of a [`CredentialsProvider`](crate::CredentialsProvider)
    /// are replaced five minutes before.
    #[must_use]
    pub fn with_expiration(mut self, expiration: Option<SystemTime>) -> Self {
        self.expiration = expiration;
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}
