//! A request to start an execution.

use durable_types::DurableConfig;
use sha2::{Digest, Sha256};

use crate::headers::InvocationHeaders;
use crate::seed::Seed;

/// A request to start an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartRequest {
    /// The ARN of the function, with the version to run.
    pub function_arn: String,
    /// The name of the function alone.
    pub function_name: String,
    /// The name of the execution; defaults to its id.
    pub execution_name: Option<String>,
    /// The unique id of the execution, if one is created.
    pub execution_id: String,
    /// The input, as JSON.
    pub input: Option<String>,
    /// Durable settings that take precedence over those of the function.
    pub durable_config: DurableConfig,
    /// Whether the caller waits for the result, which raises the size limits of input and result.
    pub synchronous: bool,
    /// The headers that every invocation receives with the payload.
    pub headers: InvocationHeaders,
    /// The random seed of the execution.
    pub seed: Seed,
}

/// Returns the SHA-256 digest of an input as hex. A missing input equals an empty one.
pub fn input_digest(input: Option<&str>) -> String {
    Sha256::digest(input.unwrap_or_default()).iter().map(|byte| format!("{byte:02x}")).collect()
}
