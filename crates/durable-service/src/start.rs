//! Starts an execution.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableConfig, DurableExecutionArn, Timestamp};

use crate::event::ExecutionStarted;
use crate::execution::Execution;
use crate::headers::InvocationHeaders;
use crate::operation::reject;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::transition::Transition;

/// The parameters of a new execution.
#[derive(Clone, PartialEq, Eq)]
pub struct StartExecution {
    /// The ARN of the execution.
    pub execution_arn: DurableExecutionArn,
    /// The input, as JSON.
    pub input: Option<String>,
    /// The durable settings of the function.
    pub durable_config: DurableConfig,
    /// Whether the caller waits for the result, which raises the size limits of input and result.
    pub synchronous: bool,
    /// The headers that every invocation receives with the payload.
    pub headers: InvocationHeaders,
    /// The random seed from which checkpoint tokens and callback ids are derived.
    pub seed: Seed,
}

impl std::fmt::Debug for StartExecution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartExecution")
            .field("execution_arn", &self.execution_arn)
            .field("durable_config", &self.durable_config)
            .field("synchronous", &self.synchronous)
            .finish_non_exhaustive()
    }
}

impl Execution {
    /// Starts an execution and invokes its function.
    pub fn start(
        request: StartExecution,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(Self, Outcome), ServiceError> {
        if let Err(violations) = request.durable_config.validate() {
            return reject(violations.to_string());
        }
        let max_bytes = settings.max_execution_bytes(request.synchronous);
        if request.input.as_ref().is_some_and(|input| input.len() > max_bytes) {
            let message =
                format!("Request must be smaller than {max_bytes} bytes for the InvokeFunction operation");
            return Err(ServiceError::new(ServiceErrorKind::RequestTooLarge, message));
        }
        let timeout = request.durable_config.execution_timeout;
        let started = ExecutionStarted {
            at: now,
            execution_arn: request.execution_arn,
            input: request.input.map(Payload::from),
            durable_config: request.durable_config,
            execution_timeout: timeout.unwrap_or(settings.default_execution_timeout),
            synchronous: request.synchronous,
            headers: request.headers,
            seed: request.seed,
        };
        let mut execution = Self::new(started.clone());
        let mut transition = Transition::new(&mut execution, settings, now);
        transition.begin(started);
        transition.invoke();
        let outcome = transition.accepted();
        Ok((execution, outcome))
    }
}
