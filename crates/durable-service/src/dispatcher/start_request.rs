//! Requests to start an execution.

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
    /// The name of the execution; `None` gives it the name of its id.
    pub execution_name: Option<String>,
    /// The id of the execution if it is new, which must be unique.
    pub execution_id: String,
    /// The input, as JSON.
    pub input: Option<String>,
    /// Durable settings that take precedence over those of the function.
    pub durable_config: DurableConfig,
    /// Whether the caller waits for the result; input and result may then be larger.
    pub synchronous: bool,
    /// What every invocation receives besides the payload.
    pub headers: InvocationHeaders,
    /// The randomness of the execution.
    pub seed: Seed,
}

/// Returns a text that tells inputs apart. A missing input is the same as an empty one.
pub fn input_digest(input: Option<&str>) -> String {
    Sha256::digest(input.unwrap_or_default()).iter().map(|byte| format!("{byte:02x}")).collect()
}
