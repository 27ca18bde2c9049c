//! Digests of texts, which tell whether a text is the one that was written.

use sha2::{Digest, Sha256};

use super::failure::Failure;

/// Returns the digest of a text, in hexadecimal.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks that a text has this digest.
///
/// # Errors
/// Returns an error if it has another one.
pub(super) fn check_digest(text: &str, expected: &str) -> Result<(), Failure> {
    if digest(text) == expected {
        return Ok(());
    }
    Err(Failure::new("it is damaged: it does not hold what was written"))
}
