//! The secret that callers share with a service that other machines reach.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// Whether a request is from somebody who knows the secret.
///
/// It stands in for the id of the access key, which every AWS SDK sends along with its signature; or it comes as a
/// bearer token.
pub(super) fn is_known(headers: &HeaderMap, secret: &str) -> bool {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = authorization.and_then(|text| bearer(text).or_else(|| access_key_id(text)));
    // Compared by their digests, so that the time it takes says nothing about the secret.
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(secret))
}

fn bearer(authorization: &str) -> Option<&str> {
    authorization.strip_prefix("Bearer ").map(str::trim)
}

/// The id of the key in `AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/lambda/aws4_request, ...`.
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
    fn it_comes_as_a_token_or_as_the_id_of_an_access_key() {
        assert!(is_known_by("Bearer a-long-shared-secret"));
        assert!(is_known_by(
            "AWS4-HMAC-SHA256 Credential=a-long-shared-secret/20260101/us-east-1/lambda/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0"
        ));
    }

    #[test]
    fn everything_else_is_not_it() {
        for other in
            ["", "Bearer", "Bearer a-long-shared-secre", "Bearer a-long-shared-secret2", "Credential=local/1"]
        {
            assert!(!is_known_by(other), "{other}");
        }
        assert!(!is_known(&HeaderMap::new(), SECRET));
    }
}
