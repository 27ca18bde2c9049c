//! Pseudo-random numbers that are the same on every replay: derived from the execution, the operation and the attempt.

use sha2::{Digest, Sha256};

use crate::identity::OperationId;

/// Returns a fraction from 0 (inclusive) to 1 (exclusive) that depends on execution, operation and attempt.
pub(crate) fn fraction(execution_arn: &str, operation: OperationId, attempt: u32) -> f64 {
    let digest = digest(execution_arn, operation, attempt);
    let number = u32::from_le_bytes(digest.first_chunk().copied().unwrap_or_default());
    f64::from(number) / (f64::from(u32::MAX) + 1.0)
}

/// Returns bytes that depend on execution and operation.
pub(crate) fn bytes(execution_arn: &str, operation: OperationId) -> [u8; 16] {
    // Attempts start at 1, so no jitter is derived from 0.
    digest(execution_arn, operation, 0).first_chunk().copied().unwrap_or_default()
}

fn digest(execution_arn: &str, operation: OperationId, attempt: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(operation.as_bytes());
    hash.update(attempt.to_le_bytes());
    hash.update(execution_arn);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_same_again_and_differs_by_execution_operation_and_attempt() {
        let [a, b] = ["a", "b"].map(|name| OperationId::derive(None, "Step", name, 0));
        let first = fraction("arn:1", a, 1);

        assert!((0.0..1.0).contains(&first));
        assert_eq!(fraction("arn:1", a, 1).to_bits(), first.to_bits());
        for other in [fraction("arn:2", a, 1), fraction("arn:1", b, 1), fraction("arn:1", a, 2)] {
            assert_ne!(other.to_bits(), first.to_bits());
        }
    }
}
