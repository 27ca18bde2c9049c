//! What a serdes may know of where a value belongs.

use durable_engine::OperationId;

/// Where a value belongs: unique within the account, and good as additional data for encryption.
#[derive(Clone, Copy, Debug)]
pub struct SerdesContext<'a> {
    execution_arn: &'a str,
    operation_id: OperationId,
}

impl<'a> SerdesContext<'a> {
    pub(crate) fn new(execution_arn: &'a str, operation_id: OperationId) -> Self {
        Self { execution_arn, operation_id }
    }

    /// The ARN of the execution.
    pub fn execution_arn(&self) -> &'a str {
        self.execution_arn
    }

    /// The id of the operation.
    pub fn operation_id(&self) -> String {
        self.operation_id.to_string()
    }
}
