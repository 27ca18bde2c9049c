//! The token that authorizes one checkpoint of one invocation.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::DurableExecutionArn;
use subtle::ConstantTimeEq;

use crate::digest::Digest;
use crate::seed::Seed;

/// Lambda's error message for an invalid token.
pub(crate) const INVALID_CHECKPOINT_TOKEN: &str = "Invalid checkpoint token";

/// Authorizes the next checkpoint of an invocation and, until then, reads of the state.
///
/// `Debug` output redacts it.
///
/// # Invariants
/// - It contains 128 bits derived from the seed of the execution, so a token cannot be derived from the ARN.
/// - It is a pure function of the execution, the invocation and the number of accepted checkpoints, so events need not
///   record it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CheckpointToken(String);

impl CheckpointToken {
    /// Derives the token of an invocation after a number of accepted checkpoints.
    pub(crate) fn derive(seed: &Seed, arn: &DurableExecutionArn, invocation: u64, checkpoints: u64) -> Self {
        let id = arn.execution_id();
        let secret = Digest::of(&("checkpoint", seed, id, invocation, checkpoints));
        let mut bytes = format!("{id}:{invocation}:{checkpoints}:").into_bytes();
        bytes.extend(secret);
        Self(STANDARD.encode(bytes))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in constant time, so response times reveal nothing about the token.
    pub(crate) fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for CheckpointToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointToken(<redacted>)")
    }
}
