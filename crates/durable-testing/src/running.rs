//! An execution that a test carries on step by step.

use std::time::Duration;

use durable_service::{Command, Effect, Invocation, InvocationEnd};
use durable_types::{ErrorObject, ExecutionStatus, Timestamp, history};

use crate::crash::survive;
use crate::function::Function;
use crate::world::World;
use crate::{TestError, TestExecution};

pub(crate) const MAX_INVOCATIONS: u64 = 10_000;

/// An execution that a test carries on; made by [`TestRunner::start`](crate::TestRunner::start).
///
/// The clock stands still unless the test moves it, so that the test can act at any moment between two others.
#[must_use = "nothing runs before `run_for` or `finish`"]
pub struct RunningExecution<'r> {
    world: World,
    function: Box<dyn Function + 'r>,
}

impl<'r> RunningExecution<'r> {
    pub(crate) fn new(world: World, function: Box<dyn Function + 'r>) -> Self {
        Self { world, function }
    }

    /// Carries it on until so much time has passed, or it has ended.
    ///
    /// # Errors
    /// If it does not come to rest within 10,000 invocations.
    pub async fn run_for(&mut self, duration: Duration) -> Result<(), TestError> {
        let until = self.world.now().saturating_add(duration);
        self.run(Some(until)).await?;
        self.world.pass_until(until);
        Ok(())
    }

    /// Carries it on to its end.
    ///
    /// # Errors
    /// If it waits for something that never comes, or does not end in 10,000 invocations.
    pub async fn finish(mut self) -> Result<TestExecution, TestError> {
        self.run(None).await?;
        if self.is_closed() { Ok(self.world.into_execution()) } else { Err(TestError::Endless) }
    }

    /// Leaves it as it is.
    pub fn abandon(self) -> TestExecution {
        self.world.into_execution()
    }

    /// Where it stands.
    pub fn status(&self) -> ExecutionStatus {
        self.world.read(|execution, _| execution.status().clone())
    }

    /// Its result as JSON, if it has ended with one.
    pub fn result(&self) -> Option<String> {
        self.world.read(|execution, _| execution.result().map(str::to_owned))
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.world.read(|execution, _| execution.is_closed())
    }

    /// Its history so far, as GetDurableExecutionHistory tells it.
    pub fn history(&self) -> Vec<history::Event> {
        self.world.read(|_, events| durable_service::history(events))
    }

    /// How much time has passed since it began.
    pub fn elapsed(&self) -> Duration {
        self.world.now().saturating_since(Timestamp::EPOCH)
    }

    /// Does everything that happens until then, or ever.
    async fn run(&mut self, until: Option<Timestamp>) -> Result<(), TestError> {
        for _ in 0..MAX_INVOCATIONS {
            let invocation = loop {
                match self.world.next_effect() {
                    Some(Effect::Invoke(invocation)) => break invocation,
                    Some(Effect::Closed) => return Ok(()),
                    // There is no other function in its settings, so that no call comes as far as this.
                    Some(Effect::InvokeFunction(_)) => {}
                    None if self.world.advance(until)? => {}
                    None => return Ok(()),
                }
            };
            self.invoke(invocation).await?;
        }
        Err(TestError::Endless)
    }

    async fn invoke(&self, invocation: Invocation) -> Result<(), TestError> {
        let Invocation { request_id, input } = invocation;
        let end = match survive(self.function.invoke(&self.world, input)).await {
            Some(Ok(answer)) => {
                InvocationEnd::Answered(serde_json::to_string(&answer).map_err(TestError::Json)?)
            }
            Some(Err(error)) => InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string())),
            None => {
                let message =
                    format!("RequestId: {request_id} Error: Runtime exited with error: exit status 1");
                InvocationEnd::Failed(ErrorObject::new("Runtime.ExitError", message))
            }
        };
        self.world.handle(Command::InvocationEnded { request_id, end })?;
        Ok(())
    }
}
