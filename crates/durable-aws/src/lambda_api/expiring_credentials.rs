//! Credentials that are replaced before they expire.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use serde::Deserialize;

use crate::credentials::Credentials;

/// How long before they expire credentials are replaced.
const REFRESH_BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// Credentials with the time until which they are valid.
#[derive(Clone, Debug)]
pub(super) struct ExpiringCredentials {
    pub(super) credentials: Arc<Credentials>,
    expiration: Option<Timestamp>,
}

/// How much longer credentials are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    /// They are still valid, but it is time to replace them.
    Expiring,
    Expired,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Json {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl ExpiringCredentials {
    /// Parses the response of the endpoint of a container.
    pub(super) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let Json { access_key_id, secret_access_key, token, expiration } = serde_json::from_slice(json)?;
        let credentials = Credentials::new(access_key_id, secret_access_key).with_session_token(token);
        Ok(Self { credentials: Arc::new(credentials), expiration })
    }

    pub(super) fn validity(&self, now: SystemTime) -> Validity {
        let now = Timestamp::EPOCH.saturating_add(now.duration_since(UNIX_EPOCH).unwrap_or_default());
        match self.expiration {
            Some(expiration) if now >= expiration => Validity::Expired,
            Some(expiration) if expiration.saturating_since(now) <= REFRESH_BEFORE_EXPIRY => {
                Validity::Expiring
            }
            Some(_) | None => Validity::Valid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_replaced_five_minutes_before_they_expire() {
        let json = br#"{"AccessKeyId": "key", "SecretAccessKey": "secret", "Token": "token",
            "Expiration": "1970-01-01T01:00:00Z"}"#;

        let credentials = ExpiringCredentials::parse(json).unwrap();

        let validity = |seconds| credentials.validity(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(credentials.credentials.session_token.as_deref(), Some("token"));
        assert_eq!(validity(3_299), Validity::Valid);
        assert_eq!(validity(3_300), Validity::Expiring);
        assert_eq!(validity(3_599), Validity::Expiring);
        assert_eq!(validity(3_600), Validity::Expired);
    }

    #[test]
    fn credentials_without_an_expiration_stay_valid() {
        let json = br#"{"AccessKeyId": "key", "SecretAccessKey": "secret"}"#;

        let credentials = ExpiringCredentials::parse(json).unwrap();

        assert_eq!(credentials.validity(SystemTime::now()), Validity::Valid);
    }
}
