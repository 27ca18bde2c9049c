//! The secret that clients share with a service that other machines can reach.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// Returns whether a request contains the secret.
///
/// Clients send it as the access key ID, which is part of the signature of every AWS SDK, or as a bearer token.
pub(super) fn is_known(headers: &HeaderMap, secret: &str) -> bool {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = authorization.and_then(|text| bearer(text).or_else(|| access_key_id(text)));
    // Comparing digests takes a time that reveals nothing about the secret.
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(secret))
}

fn bearer(authorization: &str) -> Option<&str> {
    authorization.strip_prefix("Bearer ").map(str::trim)
}

/// Returns the access key ID in `AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/lambda/aws4_request, ...`.
fn access_key_id(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split(['/', ',']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a-long-shared-secret";

    fn is_known_by(authorization: &str) -> bool {
        is_known(&HeaderMap::from_iter([(header::AUTHORIZATION, authorization.parse().unwrap())]), SECRET)
    }

    #[test]
    fn it_is_a_bearer_token_or_an_access_key_id() {
        assert!(is_known_by("Bearer a-long-shared-secret"));
        assert!(is_known_by(
            "AWS4-HMAC-SHA256 Credential=a-long-shared-secret/20260101/us-east-1/lambda/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0"
        ));
    }

    #[test]
    fn everything_else_is_rejected() {
        for other in
            ["", "Bearer", "Bearer a-long-shared-secre", "Bearer a-long-shared-secret2", "Credential=local/1"]
        {
            assert!(!is_known_by(other), "{other}");
        }
        assert!(!is_known(&HeaderMap::new(), SECRET));
    }
}
