//! The key of an operation in this invocation.

/// Identifies an operation of this invocation, from its claim until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey {
    claim: u64,
    index: usize,
}

impl OperationKey {
    pub(crate) fn new(claim: u64, index: usize) -> Self {
        Self { claim, index }
    }

    /// Returns a small number that is unique among the operations that have not been released.
    pub fn index(self) -> usize {
        self.index
    }

    /// Returns the number of the claim, which is unique within the invocation.
    pub(crate) fn claim(self) -> u64 {
        self.claim
    }
}
