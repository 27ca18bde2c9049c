//! Where the credentials of a request come from.

use std::sync::Arc;
use std::time::SystemTime;

use durable_core::error::BoxError;

use super::kept_credentials::KeptCredentials;
use crate::credentials::Credentials;
use crate::credentials_provider::CredentialsProvider;

/// Credentials that never change, or a provider.
pub(crate) enum CredentialsSource {
    Fixed(Arc<Credentials>),
    Provider(KeptCredentials),
}

impl CredentialsSource {
    pub(super) fn new(provider: impl CredentialsProvider) -> Self {
        match provider.fixed() {
            Some(credentials) => Self::Fixed(Arc::new(credentials)),
            None => Self::Provider(KeptCredentials::new(provider)),
        }
    }

    pub(super) async fn credentials(&self, now: SystemTime) -> Result<Arc<Credentials>, BoxError> {
        match self {
            Self::Fixed(credentials) => Ok(Arc::clone(credentials)),
            Self::Provider(kept) => kept.credentials(now).await,
        }
    }

    /// Handles a response that calls the credentials expired. Returns whether there may be others.
    pub(super) fn handle_expired(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Provider(kept) => {
                kept.handle_expired();
                true
            }
        }
    }
}
