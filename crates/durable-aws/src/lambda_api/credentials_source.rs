//! Where the credentials of a request come from.

use std::sync::Arc;
use std::time::SystemTime;

use super::container_credentials::{ContainerCredentials, CredentialsError};
use crate::credentials::Credentials;

/// Credentials that never change, or a container that provides them.
pub(crate) enum CredentialsSource {
    Fixed(Arc<Credentials>),
    Container(Box<ContainerCredentials>),
}

impl CredentialsSource {
    pub(super) async fn credentials(&self, now: SystemTime) -> Result<Arc<Credentials>, CredentialsError> {
        match self {
            Self::Fixed(credentials) => Ok(Arc::clone(credentials)),
            Self::Container(container) => container.credentials(now).await,
        }
    }

    /// Handles a response that calls the credentials expired. Returns whether there may be others.
    pub(crate) fn handle_expired(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Container(container) => {
                container.handle_expired();
                true
            }
        }
    }
}
