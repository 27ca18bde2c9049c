//! An execution that a test carries on step by step.

use std::time::Duration;

use durable_core::lambda::LambdaContext;
use durable_service::{CallbackAnswer, ChainedInvokeEnd, Command, FunctionCall, Invocation, InvocationEnd};
use durable_types::history::{self, EventDetails};
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus, InvocationInput, Timestamp};

use crate::crash::survive;
use crate::disturbance::both;
use crate::execution::whole_millis;
use crate::function::{Callable, Function, Functions};
use crate::open_callback::{OpenCallback, open_callbacks};
use crate::world::{LaneId, Work, World};
use crate::{TestError, TestExecution};

pub(crate) const MAX_INVOCATIONS: u64 = 10_000;

/// How long an invocation may take according to its deadline: as long as Lambda allows at most.
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(15);

/// An execution that a test carries on; made by [`TestRunner::start`](crate::TestRunner::start).
///
/// The clock stands still unless the test moves it, so that the test can act at any moment between two others.
#[must_use = "nothing runs before `run_for` or `finish`"]
pub struct RunningExecution<'r> {
    world: World,
    function: Box<dyn Function + 'r>,
    functions: Functions,
}

impl<'r> RunningExecution<'r> {
    pub(crate) fn new(world: World, function: Box<dyn Function + 'r>, functions: Functions) -> Self {
        Self { world, function, functions }
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

    /// Its ARN, the same for every test.
    pub fn arn(&self) -> DurableExecutionArn {
        self.world.read(|execution, _| execution.arn().clone())
    }

    /// Where it stands.
    pub fn status(&self) -> ExecutionStatus {
        self.world.read(|execution, _| execution.status().clone())
    }

    /// Its result as JSON, if it has ended with one.
    pub fn result(&self) -> Option<String> {
        self.world.read(|execution, _| execution.result().map(str::to_owned))
    }

    /// What it failed with, if it has.
    pub fn error(&self) -> Option<ErrorObject> {
        self.world.read(|execution, _| execution.error().cloned())
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
        whole_millis(self.world.now().saturating_since(Timestamp::EPOCH))
    }

    /// Answers a callback as another system would, by its id.
    ///
    /// # Errors
    /// If there is no such callback, or if it has ended already.
    pub fn answer_callback(&mut self, callback_id: &str, answer: CallbackAnswer) -> Result<(), TestError> {
        let command = Command::Callback { callback_id: callback_id.to_owned(), answer };
        Ok(self.world.handle_callback(callback_id, command)?)
    }

    /// The id of the first callback with this name that has begun.
    ///
    /// The callback of a wait for a callback has the name of that wait.
    pub fn callback_id(&self, name: &str) -> Option<String> {
        let history = self.history();
        let named = |event: &history::Event| event.name.as_deref() == Some(name);
        let is_meant = |event: &history::Event| {
            let is_parent = |parent: &history::Event| parent.id.is_some() && parent.id == event.parent_id;
            named(event) || event.name.is_none() && history.iter().any(|it| is_parent(it) && named(it))
        };
        history.iter().filter(|event| is_meant(event)).find_map(|event| match &event.details {
            EventDetails::CallbackStarted(started) => Some(started.callback_id.clone()),
            _ => None,
        })
    }

    /// The callbacks of it that wait for their answers, in the order in which they were created.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_testing::{CallbackAnswer, TestRunner};
    /// # async fn approve(_: (), ctx: DurableContext) -> Result<bool> {
    /// #     ctx.create_callback("approval").await?.await
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), durable_testing::TestError> {
    /// let runner = TestRunner::new(approve);
    /// let mut execution = runner.start(&())?;
    /// execution.run_for(Duration::ZERO).await?;
    ///
    /// for callback in execution.open_callbacks() {
    ///     execution.answer_callback(&callback.id, CallbackAnswer::Succeeded(Some("true".to_owned())))?;
    /// }
    ///
    /// assert!(execution.finish().await?.result::<bool>()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_callbacks(&self) -> Vec<OpenCallback> {
        self.world.read(|execution, _| open_callbacks(execution))
    }

    /// Does everything that happens until then, or ever.
    async fn run(&mut self, until: Option<Timestamp>) -> Result<(), TestError> {
        for _ in 0..MAX_INVOCATIONS {
            if self.is_closed() {
                return Ok(());
            }
            match self.world.next_work()? {
                Some(Work::Invoke(lane, None, invocation)) => {
                    self.invoke(lane, self.function.as_ref(), invocation).await?;
                }
                Some(Work::Invoke(lane, Some(name), invocation)) => match self.functions.find(&name) {
                    Some(Callable::Durable(function)) => {
                        self.invoke(lane, function.as_ref(), invocation).await?;
                    }
                    Some(Callable::Plain(_)) | None => {
                        let end = InvocationEnd::Failed(not_found(&name));
                        self.world.end_invocation(lane, &invocation.request_id, end)?;
                    }
                },
                Some(Work::Call(lane, call)) => self.call(lane, call).await?,
                None if self.world.advance(until)? => {}
                None => return Ok(()),
            }
        }
        Err(TestError::Endless)
    }

    async fn invoke(
        &self,
        lane: LaneId,
        function: &dyn Function,
        invocation: Invocation,
    ) -> Result<(), TestError> {
        let Invocation { request_id, input } = invocation;
        if !self.world.delivers_twice() {
            let end = self.deliver(function, &request_id, input).await?;
            return Ok(self.world.end_invocation(lane, &request_id, end)?);
        }
        let first = self.deliver(function, &request_id, input.clone());
        let second = self.deliver(function, &request_id, input);
        for end in both(first, second, || self.world.throw(2) == 1).await {
            self.world.end_invocation(lane, &request_id, end?)?;
        }
        Ok(())
    }

    /// Runs one invocation to its end.
    async fn deliver(
        &self,
        function: &dyn Function,
        request_id: &str,
        input: InvocationInput,
    ) -> Result<InvocationEnd, TestError> {
        let context = self.lambda_context(request_id, &input);
        Ok(match survive(function.invoke(&self.world, input, context)).await {
            Some(Ok(answer)) => {
                InvocationEnd::Answered(serde_json::to_vec(&answer).map_err(TestError::Json)?)
            }
            Some(Err(error)) => InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string())),
            None => InvocationEnd::Failed(died(request_id)),
        })
    }

    /// What the function learns about the invocation.
    fn lambda_context(&self, request_id: &str, input: &InvocationInput) -> LambdaContext {
        let mut context = LambdaContext::new(request_id, self.world.now().saturating_add(FUNCTION_TIMEOUT));
        if let Ok(arn) = input.durable_execution_arn.parse::<DurableExecutionArn>() {
            context.invoked_function_arn = Some(arn.function_arn().to_owned());
            context.function_name = Some(arn.function_name().to_owned());
            context.function_version = Some(arn.version().to_owned());
        }
        context
    }

    /// Calls a function that is not durable.
    async fn call(&self, lane: LaneId, call: FunctionCall) -> Result<(), TestError> {
        let input = call.input.as_ref().map(|input| input.as_str());
        let end = match self.functions.find(&call.function_name) {
            Some(Callable::Plain(function)) => match function.invoke(&call.operation_id, input).await {
                Ok(result) => ChainedInvokeEnd::Succeeded(Some(result)),
                Err(error) => ChainedInvokeEnd::Failed(error),
            },
            Some(Callable::Durable(_)) | None => ChainedInvokeEnd::Failed(not_found(&call.function_name)),
        };
        Ok(self.world.end_call(lane, call.operation_id, end)?)
    }
}

fn not_found(name: &str) -> ErrorObject {
    ErrorObject::new("ResourceNotFoundException", format!("Function not found: {name}"))
}

/// What Lambda says of an invocation whose process died.
pub(crate) fn died(request_id: &str) -> ErrorObject {
    let message = format!("RequestId: {request_id} Error: Runtime exited with error: exit status 1");
    ErrorObject::new("Runtime.ExitError", message)
}
