//! The context in which an update is decided: its execution and the environment.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::DurableExecutionArn;

use crate::digest::Digest;
use crate::environment::Environment;
use crate::seed::Seed;

/// The inputs of a decision other than the operation itself.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) arn: &'a DurableExecutionArn,
    pub(crate) seed: &'a Seed,
    pub(crate) environment: Environment<'a>,
}

impl Scope<'_> {
    /// Returns the callback id of an operation. It names the execution and the operation, and contains 128 bits derived
    /// from the seed.
    pub(super) fn callback_id(&self, operation_id: &str) -> String {
        let execution_id = self.arn.execution_id();
        let secret = Digest::of(&("callback", self.seed, execution_id, operation_id));
        let mut bytes = format!("{execution_id}:{operation_id}:").into_bytes();
        bytes.extend(secret);
        STANDARD.encode(bytes)
    }

    /// Returns the id, which is also the name, of the execution that this operation starts.
    pub(super) fn child_id(&self, operation_id: &str) -> String {
        Digest::uuid_of(&("child", self.seed, self.arn.execution_id(), operation_id))
    }
}
