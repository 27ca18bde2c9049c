//! An execution that a test advances step by step.

use std::time::Duration;

use durable_core::driver;
use durable_core::lambda::LambdaContext;
use durable_core::plugin::Plugins;
use durable_service::{
    CallbackAnswer, ChainedInvokeEnd, FunctionInvocation, Invocation, InvocationEnd, InvocationHeaders,
    PlainCall,
};
use durable_timeline::Timeline;
use durable_types::history::{self, EventDetails};
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus, InvocationInput, Timestamp};

use crate::crash::{died, survive, timed_out};
use crate::disturbance::both;
use crate::error::{MAX_INVOCATIONS, TestError};
use crate::execution::{TestExecution, timeline, whole_millis};
use crate::function::{Callable, Function, Functions};
use crate::open_callback::{OpenCallback, open_callbacks};
use crate::world::{Work, World};

/// Added to the end of `run_for`: whatever is recorded takes a microsecond, which must not postpone what is due by then.
const REST_OF_A_MILLISECOND: Duration = Duration::from_micros(999);

/// The time limit by which the deadline of an invocation is set unless the test sets one: the maximum that Lambda allows.
const MAX_FUNCTION_TIMEOUT: Duration = Duration::from_mins(15);

/// An execution that the test advances, returned by [`TestRunner::start`](crate::TestRunner::start).
///
/// The clock stands still unless the test advances it, so the test can act at any point in time.
#[must_use = "nothing runs before `run_for` or `finish`"]
pub struct RunningExecution<'r> {
    world: World,
    function: Box<dyn Function + 'r>,
    functions: Functions,
    function_timeout: Option<Duration>,
    plugins: Plugins,
}

impl<'r> RunningExecution<'r> {
    pub(crate) fn new(
        world: World,
        function: Box<dyn Function + 'r>,
        functions: Functions,
        (function_timeout, plugins): (Option<Duration>, Plugins),
    ) -> Self {
        Self { world, function, functions, function_timeout, plugins }
    }

    /// Runs the execution until this much time has passed or it has ended.
    ///
    /// # Errors
    /// Returns an error if it does not come to rest within 10,000 invocations.
    pub async fn run_for(&mut self, duration: Duration) -> Result<(), TestError> {
        let until = self.world.now().saturating_add(duration);
        self.run(Some(until.saturating_add(REST_OF_A_MILLISECOND))).await?;
        self.world.pass_until(until);
        Ok(())
    }

    /// Runs the execution to its end.
    ///
    /// # Errors
    /// Returns an error if the execution is waiting for something that never happens, or does not end within 10,000
    /// invocations.
    pub async fn finish(mut self) -> Result<TestExecution, TestError> {
        self.run(None).await?;
        if self.is_closed() { Ok(self.world.into_execution()) } else { Err(TestError::Endless) }
    }

    /// Stops advancing the execution and returns it as it is.
    pub fn abandon(self) -> TestExecution {
        self.world.into_execution()
    }

    /// Returns the ARN of the execution, which is the same in every test.
    pub fn arn(&self) -> DurableExecutionArn {
        self.world.read(|execution, _| execution.arn().clone())
    }

    /// Returns the current status of the execution.
    pub fn status(&self) -> ExecutionStatus {
        self.world.read(|execution, _| execution.status().clone())
    }

    /// Returns the result of the execution as JSON, if it has one.
    pub fn result(&self) -> Option<String> {
        self.world.read(|execution, _| execution.result().map(str::to_owned))
    }

    /// Returns the error of the execution, if it has failed.
    pub fn error(&self) -> Option<ErrorObject> {
        self.world.read(|execution, _| execution.error().cloned())
    }

    /// Returns whether the execution has ended.
    pub fn is_closed(&self) -> bool {
        self.world.read(|execution, _| execution.is_closed())
    }

    /// Returns the history so far, as GetDurableExecutionHistory does.
    pub fn history(&self) -> Vec<history::Event> {
        self.world.read(|_, events| durable_service::history(events))
    }

    /// Returns the timeline so far; see [`TestExecution::timeline`]. It also contains what the execution is
    /// [waiting for](Timeline::waits).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_testing::TestRunner;
    /// # use std::time::Duration;
    /// # async fn approve(_: (), ctx: DurableContext) -> Result<bool> {
    /// #     ctx.create_callback("approval").timeout(Duration::from_mins(5)).await?.await
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), durable_testing::TestError> {
    /// let runner = TestRunner::new(approve);
    /// let mut execution = runner.start(&())?;
    /// execution.run_for(Duration::from_secs(60)).await?;
    ///
    /// assert_eq!(
    ///     execution.timeline().to_string(),
    ///     "\
    /// RUNNING, 1 invocation
    ///     0 ms           … callback approval, until 5m 00s
    /// "
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeline(&self) -> Timeline {
        self.world.read(|_, events| timeline(events))
    }

    /// Returns the virtual time since the execution started.
    pub fn elapsed(&self) -> Duration {
        whole_millis(self.world.now().saturating_since(Timestamp::EPOCH))
    }

    /// Answers a callback by its id, as an external system would.
    ///
    /// # Errors
    /// Returns an error if there is no such callback, or if it has already ended.
    pub fn answer_callback(&mut self, callback_id: &str, answer: CallbackAnswer) -> Result<(), TestError> {
        Ok(self.world.answer_callback(callback_id, answer)?)
    }

    /// Returns the id of the first callback with this name that has been created.
    ///
    /// The callback of a `wait_for_callback` has the name of that operation.
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

    /// Returns the callbacks of the execution that are waiting for an answer, in the order in which they were created.
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

    /// Runs everything that happens until the given time, or until nothing more happens.
    async fn run(&mut self, until: Option<Timestamp>) -> Result<(), TestError> {
        for _ in 0..MAX_INVOCATIONS {
            if self.is_closed() {
                return Ok(());
            }
            match self.world.next_work() {
                Some(Work::Invoke(invocation)) => self.invoke(*invocation).await?,
                Some(Work::Call(call)) => self.call(*call).await,
                None if self.world.advance(until) => {}
                None => return Ok(()),
            }
        }
        Err(TestError::Endless)
    }

    /// Invokes the function of an execution. One without a function of its own calls the function under test.
    async fn invoke(&self, invocation: FunctionInvocation) -> Result<(), TestError> {
        let FunctionInvocation { arn, headers, invocation: Invocation { request_id, input } } = invocation;
        let context = self.lambda_context(&request_id, &arn, headers);
        let own =
            if self.world.is_under_test(&arn) { None } else { self.functions.callable(arn.function_name()) };
        let function = match &own {
            Some(Callable::Durable(function)) => function.as_ref(),
            Some(Callable::Plain(_)) | None => self.function.as_ref(),
        };
        if !self.world.delivers_twice() {
            let end = self.deliver(function, context, input).await?;
            self.world.end_invocation(&arn, &request_id, end);
            return Ok(());
        }
        let first = self.deliver(function, context.clone(), input.clone());
        let second = self.deliver(function, context, input);
        for end in both(first, second, || self.world.throw(2) == 1).await {
            self.world.end_invocation(&arn, &request_id, end?);
        }
        Ok(())
    }

    /// Runs one invocation to its end.
    async fn deliver(
        &self,
        function: &dyn Function,
        context: LambdaContext,
        input: InvocationInput,
    ) -> Result<InvocationEnd, TestError> {
        let request_id = &context.request_id.clone();
        let invocation = driver::Invocation::new(input, context).plugins(&self.plugins);
        let invocation = survive(function.invoke(&self.world, invocation));
        Ok(match self.within_timeout(invocation).await {
            Some(Some(Ok(answer))) => {
                InvocationEnd::Answered(serde_json::to_vec(&answer).map_err(TestError::Json)?)
            }
            Some(Some(Err(error))) => {
                InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string()))
            }
            Some(None) => InvocationEnd::Failed(died(request_id)),
            None => InvocationEnd::Failed(timed_out(request_id)),
        })
    }

    /// Awaits an invocation. Returns `None` if it exceeds its time limit.
    async fn within_timeout<R>(&self, invocation: impl Future<Output = R>) -> Option<R> {
        match self.function_timeout {
            Some(timeout) => tokio::time::timeout(timeout, invocation).await.ok(),
            None => Some(invocation.await),
        }
    }

    /// Returns the Lambda context of the invocation.
    fn lambda_context(
        &self,
        request_id: &str,
        arn: &DurableExecutionArn,
        headers: InvocationHeaders,
    ) -> LambdaContext {
        let timeout = self.function_timeout.unwrap_or(MAX_FUNCTION_TIMEOUT);
        let mut context = LambdaContext::new(request_id, self.world.now().saturating_add(timeout));
        context.invoked_function_arn = Some(arn.function_arn().to_owned());
        context.function_name = Some(arn.function_name().to_owned());
        context.function_version = Some(arn.version().to_owned());
        context.trace_header = headers.trace_header;
        context.tenant_id = headers.tenant_id;
        context
    }

    /// Invokes a plain (non-durable) function.
    async fn call(&self, call: PlainCall) {
        let PlainCall { id, function_name, input, .. } = call;
        let end = match self.functions.callable(&function_name) {
            Some(Callable::Plain(function)) => {
                match function.invoke(&id.operation_id, input.as_deref()).await {
                    Ok(result) => ChainedInvokeEnd::Succeeded(Some(result)),
                    Err(error) => ChainedInvokeEnd::Failed(error),
                }
            }
            Some(Callable::Durable(_)) | None => ChainedInvokeEnd::Failed(not_found(&function_name)),
        };
        self.world.end_call(&id, end);
    }
}

fn not_found(name: &str) -> ErrorObject {
    ErrorObject::new("ResourceNotFoundException", format!("Function not found: {name}"))
}

#[cfg(test)]
mod tests {
    use durable_core::{DurableContext, Result};
    use durable_service::Execution;

    use super::*;
    use crate::runner::TestRunner;

    async fn approve(_: (), ctx: DurableContext) -> Result<String> {
        let callback = ctx.create_callback("approval").heartbeat_timeout(Duration::from_secs(60)).await?;
        callback.await
    }

    #[tokio::test]
    async fn a_thousand_heartbeats_add_one_event_and_the_last_one_counts() {
        let runner = TestRunner::new(approve);
        let mut execution = runner.start(&()).unwrap();
        execution.run_for(Duration::ZERO).await.unwrap();
        let id = execution.callback_id("approval").unwrap();
        let recorded = |execution: &RunningExecution<'_>| execution.world.read(|_, events| events.len());
        let before = recorded(&execution);

        for _ in 0..1_000 {
            execution.run_for(Duration::from_secs(59)).await.unwrap();
            execution.answer_callback(&id, CallbackAnswer::Heartbeat).unwrap();
        }

        assert_eq!(recorded(&execution), before + 1);
        let replayed = execution.world.read(|_, events| Execution::replay(events.to_vec()).unwrap());
        assert!(
            execution.world.read(|execution, _| *execution == replayed),
            "the record has the last heartbeat"
        );
        let execution = execution.finish().await.unwrap();
        // Each request takes a microsecond.
        assert_eq!(execution.elapsed().as_secs(), 59 * 1_000 + 60);
    }
}
