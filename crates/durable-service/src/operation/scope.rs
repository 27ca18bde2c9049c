//! What a decision about an operation may look at besides the operation: its execution and the environment.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::DurableExecutionArn;

use crate::digest::Digest;
use crate::environment::Environment;
use crate::seed::Seed;

/// What a decision about an operation may look at beside the operation.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) arn: &'a DurableExecutionArn,
    pub(crate) seed: &'a Seed,
    pub(crate) environment: Environment<'a>,
}

impl Scope<'_> {
    /// The id that another system answers this operation by: it names the execution and the operation, and holds
    /// 128 bits that only the seed tells.
    pub(super) fn callback_id(&self, operation_id: &str) -> String {
        let execution_id = self.arn.execution_id();
        let secret = Digest::of(&("callback", self.seed, execution_id, operation_id));
        let mut bytes = format!("{execution_id}:{operation_id}:").into_bytes();
        bytes.extend(secret);
        STANDARD.encode(bytes)
    }

    /// The id, and the name, of the execution that this operation starts by calling a durable function.
    pub(super) fn child_id(&self, operation_id: &str) -> String {
        Digest::uuid_of(&("child", self.seed, self.arn.execution_id(), operation_id))
    }
}
