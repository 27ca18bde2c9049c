//! Credentials of a provider, which are replaced before they expire.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use durable_core::error::BoxError;

use crate::credentials::Credentials;
use crate::credentials_provider::CredentialsProvider;

/// How long before they expire credentials are replaced.
const REFRESH_BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// Keeps what a provider provides until shortly before it expires.
pub(crate) struct KeptCredentials {
    provider: Box<dyn Provider>,
    kept: Mutex<Option<Arc<Credentials>>>,
}

/// A [`CredentialsProvider`] with its type erased.
trait Provider: Send + Sync {
    fn provide(&self) -> Provided<'_>;
}

type Provided<'a> = Pin<Box<dyn Future<Output = Result<Credentials, BoxError>> + Send + 'a>>;

impl<P: CredentialsProvider> Provider for P {
    fn provide(&self) -> Provided<'_> {
        Box::pin(CredentialsProvider::provide(self))
    }
}

/// How much longer credentials are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Validity {
    Valid,
    /// They are still valid, but it is time to replace them.
    Expiring,
    Expired,
}

impl KeptCredentials {
    pub(super) fn new(provider: impl CredentialsProvider) -> Self {
        Self { provider: Box::new(provider), kept: Mutex::new(None) }
    }

    /// Returns credentials that are valid now. If they cannot be replaced in time, the old ones are used to the end.
    pub(super) async fn credentials(&self, now: SystemTime) -> Result<Arc<Credentials>, BoxError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let usable = match kept.map(|kept| (validity(&kept, now), kept)) {
            Some((Validity::Valid, credentials)) => return Ok(credentials),
            Some((Validity::Expiring, credentials)) => Some(credentials),
            Some((Validity::Expired, _)) | None => None,
        };
        match (self.provider.provide().await, usable) {
            (Ok(provided), _) => {
                let credentials = Arc::new(provided);
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&credentials));
                Ok(credentials)
            }
            (Err(_), Some(usable)) => Ok(usable),
            (Err(error), None) => Err(error),
        }
    }

    /// Forgets credentials that the service calls expired.
    pub(super) fn handle_expired(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn validity(credentials: &Credentials, now: SystemTime) -> Validity {
    let left = |expiration: SystemTime| expiration.duration_since(now).unwrap_or_default();
    match credentials.expiration.map(left) {
        Some(Duration::ZERO) => Validity::Expired,
        Some(left) if left <= REFRESH_BEFORE_EXPIRY => Validity::Expiring,
        Some(_) | None => Validity::Valid,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::ready;
    use std::time::UNIX_EPOCH;

    use super::*;

    fn minute(minute: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(60 * minute)
    }

    /// Credentials that expire at this minute.
    fn expiring(key: &str, at: u64) -> Result<Credentials, BoxError> {
        Ok(Credentials::new(key, "secret").with_expiration(Some(minute(at))))
    }

    /// What a provider provides in turn, and then nothing.
    fn provided(credentials: impl IntoIterator<Item = Result<Credentials, BoxError>>) -> KeptCredentials {
        let credentials = Mutex::new(VecDeque::from_iter(credentials));
        KeptCredentials::new(move || {
            let next = credentials.lock().unwrap().pop_front();
            ready(next.unwrap_or_else(|| Err("unavailable".into())))
        })
    }

    async fn key(kept: &KeptCredentials, at: u64) -> Result<String, String> {
        let credentials = kept.credentials(minute(at)).await.map_err(|error| error.to_string())?;
        Ok(credentials.access_key_id.clone())
    }

    #[tokio::test]
    async fn credentials_are_kept_until_shortly_before_they_expire() {
        let kept = provided([expiring("first", 60), expiring("second", 120)]);

        let mut keys = Vec::new();
        for minute in [0, 54, 55, 114] {
            keys.push(key(&kept, minute).await.unwrap());
        }

        assert_eq!(keys, ["first", "first", "second", "second"]);
    }

    #[tokio::test]
    async fn credentials_that_cannot_be_replaced_are_used_to_the_end() {
        let kept = provided([expiring("first", 60)]);

        assert_eq!(key(&kept, 0).await.unwrap(), "first");
        assert_eq!(key(&kept, 59).await.unwrap(), "first");
        assert_eq!(key(&kept, 60).await.unwrap_err(), "unavailable");
    }

    #[tokio::test]
    async fn credentials_that_the_service_calls_expired_are_replaced_early() {
        let kept = provided([expiring("first", 60), expiring("second", 60)]);

        assert_eq!(key(&kept, 0).await.unwrap(), "first");
        kept.handle_expired();

        assert_eq!(key(&kept, 0).await.unwrap(), "second");
    }

    #[test]
    fn credentials_without_an_expiration_stay_valid() {
        assert_eq!(validity(&Credentials::new("key", "secret"), SystemTime::now()), Validity::Valid);
    }
}
