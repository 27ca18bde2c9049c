//! Runs a handler as the service would.

use std::fmt;
use std::time::Duration;

use durable_core::{BoxError, DurableContext, invoke};
use durable_service::{Command, Effect, InvocationEnd, Settings, StartExecution};
use durable_types::api::ServiceError;
use durable_types::{DurableConfig, DurableExecutionArn, ErrorObject, ExecutionStatus, InvalidArn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::world::World;
use crate::{Fault, TestExecution};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test:$LATEST/durable-execution/test/\
                   00000000-0000-4000-8000-000000000000";
const MAX_INVOCATIONS: u64 = 10_000;

/// Runs a handler, invocation by invocation, on a virtual clock.
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `run`"]
pub struct TestRunner<H> {
    handler: H,
    settings: Settings,
    config: DurableConfig,
    faults: Vec<(usize, Fault)>,
}

impl<H> TestRunner<H> {
    /// A runner of this handler.
    pub fn new(handler: H) -> Self {
        Self { handler, settings: Settings::default(), config: DurableConfig::default(), faults: Vec::new() }
    }

    /// Gives what is recorded to the function in pages of so many operations, to test that all are read.
    pub fn page_items(mut self, items: usize) -> Self {
        self.settings.invocation_page_items = items;
        self.settings.response_page_items = items;
        self
    }

    /// Times the execution out after so long, in virtual time; fractions of a second are cut off.
    pub fn execution_timeout(mut self, timeout: Duration) -> Self {
        self.config.execution_timeout = Some(u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX));
        self
    }

    /// Makes something go wrong at the checkpoint with this number; the first is 1. Repeated checkpoints count again.
    pub fn fault(mut self, checkpoint: usize, fault: Fault) -> Self {
        self.faults.push((checkpoint, fault));
        self
    }

    /// Runs an execution with this input to its end.
    ///
    /// # Errors
    /// If the service refuses to start it, if it does not end, or if the input cannot be written as JSON. That the
    /// execution fails is no error here: see [`TestExecution::status`].
    pub async fn run<F, I, O, E>(&self, input: &impl Serialize) -> Result<TestExecution, TestError>
    where
        H: Fn(I, DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize,
        E: Into<BoxError>,
    {
        let request = StartExecution {
            execution_arn: ARN.parse::<DurableExecutionArn>().map_err(TestError::Arn)?,
            input: Some(serde_json::to_string(input).map_err(TestError::Json)?),
            durable_config: self.config.clone(),
            synchronous: true,
        };
        let world = World::start(request, self.settings.clone(), self.faults.clone())?;
        for _ in 0..MAX_INVOCATIONS {
            let invocation = match world.next_effect() {
                Some(Effect::Invoke(invocation)) => invocation,
                Some(Effect::Closed) => return Ok(world.into_execution()),
                None if world.advance()? => continue,
                None => return Err(TestError::Endless),
            };
            let end = match invoke(&world, invocation.input, &self.handler).await {
                Ok(answer) => {
                    InvocationEnd::Answered(serde_json::to_string(&answer).map_err(TestError::Json)?)
                }
                Err(error) => InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string())),
            };
            world.handle(Command::InvocationEnded { request_id: invocation.request_id, end })?;
        }
        Err(TestError::Endless)
    }
}

/// Why a test learned nothing of its execution.
#[derive(Debug)]
#[non_exhaustive]
pub enum TestError {
    /// The service refused what the runner asked for.
    Refused(ServiceError),
    /// Something is not the JSON it should be.
    Json(serde_json::Error),
    /// The execution did not succeed, so it has no result.
    NotSucceeded(ExecutionStatus, ErrorObject),
    /// The execution did not end in 10,000 invocations.
    Endless,
    /// The runner's own ARN is not one; this is a bug in durable.
    Arn(InvalidArn),
}

impl From<ServiceError> for TestError {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the service refused: {error}"),
            Self::Json(error) => write!(f, "not the JSON that was expected: {error}"),
            Self::NotSucceeded(status, error) => write!(f, "the execution is {status}: {error}"),
            Self::Endless => write!(f, "the execution did not end in {MAX_INVOCATIONS} invocations"),
            Self::Arn(error) => write!(f, "{error}; this is a bug in durable"),
        }
    }
}

impl std::error::Error for TestError {}
