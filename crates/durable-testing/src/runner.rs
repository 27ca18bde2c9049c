//! Runs a handler as the service would.

use std::sync::Arc;
use std::time::Duration;

use durable_core::DurableContext;
use durable_core::error::{BoxError, IntoError};
use durable_core::operation::InvokeTarget;
use durable_core::plugin::{InvocationInfo, Plugin, Plugins};
use durable_service::{FunctionName, InvocationHeaders, Seed, Settings, StartRequest};
use durable_types::DurableConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::disturbance::{Dice, Disturbances};
use crate::error::TestError;
use crate::execution::TestExecution;
use crate::fault::Fault;
use crate::function::{Callable, Functions, Handler};
use crate::plain_function::PlainFunction;
use crate::running::RunningExecution;
use crate::world::World;

const FUNCTION_NAME: &str = "test";
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test:$LATEST";
const EXECUTION_ID: &str = "00000000-0000-4000-8000-000000000000";

/// Runs a handler on a virtual clock, as many invocations as it takes.
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `run`"]
pub struct TestRunner<H> {
    handler: H,
    settings: Settings,
    config: DurableConfig,
    disturbances: Disturbances,
    functions: Functions,
    function_timeout: Option<Duration>,
    plugins: Plugins,
    trace_header: Option<String>,
}

impl<H> TestRunner<H> {
    /// Creates a runner of this handler.
    pub fn new(handler: H) -> Self {
        Self {
            handler,
            settings: Settings::default(),
            config: DurableConfig::default(),
            disturbances: Disturbances::default(),
            functions: Functions::default(),
            function_timeout: None,
            plugins: Plugins::default(),
            trace_header: None,
        }
    }

    /// Sets the number of operations per page of the journal, to test that the function reads all pages.
    pub fn page_items(mut self, items: usize) -> Self {
        self.settings.invocation_page_items = items;
        self.settings.response_page_items = items;
        self
    }

    /// Sets the execution timeout, in virtual time; fractions of a second are truncated.
    pub fn execution_timeout(mut self, timeout: Duration) -> Self {
        self.config.execution_timeout = Some(u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX));
        self
    }

    /// Sets the time limit of each invocation of the handler, by the clock of the runtime.
    ///
    /// An invocation that exceeds it ends with `Sandbox.Timedout`, and the function is invoked again after a delay, as on
    /// Lambda. Without it, the deadline of an invocation is 15 minutes after its start, and nothing is cut off. With a
    /// paused clock of the runtime, a body takes time only while it sleeps:
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_testing::TestRunner;
    /// async fn migrate(rows: u32, ctx: DurableContext) -> Result<()> {
    ///     ctx.suspend_before_deadline(Duration::from_secs(2));
    ///     for _ in 0..rows {
    ///         let row = ctx.step("row", async |_| {
    ///             tokio::time::sleep(Duration::from_secs(1)).await;
    ///             Ok(())
    ///         });
    ///         row.await?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let runner = TestRunner::new(migrate).function_timeout(Duration::from_secs(60));
    /// let execution = runner.run(&100).await.unwrap();
    ///
    /// assert_eq!(execution.invocations(), 2);
    /// # }
    /// ```
    pub fn function_timeout(mut self, timeout: Duration) -> Self {
        self.function_timeout = Some(timeout);
        self
    }

    /// Sets the trace header with which the execution is started, which each of its invocations receives.
    pub fn trace_header(mut self, header: impl Into<String>) -> Self {
        self.trace_header = Some(header.into());
        self
    }

    /// Injects a fault at the request with this number, starting at 1.
    ///
    /// Checkpoints count, and so do pages of the journal that are read separately; repeated requests count again.
    pub fn fault(mut self, request: usize, fault: Fault) -> Self {
        self.disturbances.faults.push((request, fault));
        self
    }

    /// Delivers the invocation with this number twice at the same time, as Lambda sometimes does; the first is 1.
    ///
    /// Both run, and the one that reaches the service first makes progress.
    pub fn deliver_twice(mut self, invocation: usize) -> Self {
        self.disturbances.twice.push(invocation);
        self
    }

    /// Randomizes the order of concurrent events: how many turns of the runtime a request takes, and which of two
    /// executions makes progress. The same seed results in the same execution.
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.disturbances.dice = Some(Dice::new(seed));
        self
    }

    /// Adds a durable function that the handler can invoke by this name, with any version or alias. A descriptor
    /// instead of a name has the types of the handler:
    ///
    /// ```
    /// # use durable_core::{DurableContext, Function, Result};
    /// # use durable_testing::TestRunner;
    /// const TAX: Function<u64, u64> = Function::new("tax-calculator:live");
    ///
    /// async fn total(cents: u64, ctx: DurableContext) -> Result<u64> {
    ///     Ok(cents + ctx.invoke("tax", TAX, cents).await?)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let runner = TestRunner::new(total).function(TAX, async |cents: u64, _| durable_core::Ok(cents / 5));
    ///
    /// assert_eq!(runner.run(&100).await.unwrap().result::<u64>().unwrap(), 120);
    /// # }
    /// ```
    pub fn function<G, F, I, O, E>(self, function: impl InvokeTarget<I, O>, handler: G) -> Self
    where
        G: Fn(I, DurableContext) -> F + Send + Sync + 'static,
        F: Future<Output = Result<O, E>> + Send + 'static,
        I: DeserializeOwned + Send + 'static,
        O: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: IntoError + 'static,
    {
        self.callable(&function.into_function_name(), Callable::Durable(Arc::new(Handler::new(handler))))
    }

    /// Adds a plugin, which `create` creates for each invocation of the handler and of the durable functions that it
    /// invokes.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_core::error::BoxError;
    /// # use durable_core::plugin::{OperationEnd, Plugin};
    /// # use durable_testing::TestRunner;
    /// struct Log(Arc<Mutex<Vec<String>>>);
    ///
    /// impl Plugin for Log {
    ///     fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
    ///         self.0.lock().unwrap().extend(end.operation.name.as_deref().map(str::to_owned));
    ///         Ok(())
    ///     }
    /// }
    ///
    /// async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    ///     ctx.step("count", async |_| Ok(1)).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let log = Arc::new(Mutex::new(Vec::new()));
    /// let written = Arc::clone(&log);
    ///
    /// TestRunner::new(handler).plugin(move |_| Log(Arc::clone(&log))).run(&()).await.unwrap();
    ///
    /// assert_eq!(*written.lock().unwrap(), ["count"]);
    /// # }
    /// ```
    pub fn plugin<P: Plugin>(
        self,
        create: impl Fn(&InvocationInfo<'_>) -> P + Send + Sync + 'static,
    ) -> Self {
        Self { plugins: self.plugins.with(create), ..self }
    }

    /// Adds plugins after those that were added before.
    pub fn plugins(self, plugins: Plugins) -> Self {
        Self { plugins: self.plugins.and(plugins), ..self }
    }

    /// Adds a plain (non-durable) function that the handler can invoke by this name, with any version or alias. A
    /// descriptor instead of a name has the types of the function.
    ///
    /// If it panics or [crashes](crate::crash), its invocation fails as it does on Lambda.
    pub fn plain_function<G, F, I, O, E>(self, function: impl InvokeTarget<I, O>, handler: G) -> Self
    where
        G: Fn(I) -> F + Send + Sync + 'static,
        F: Future<Output = Result<O, E>> + Send + 'static,
        I: DeserializeOwned,
        O: Serialize,
        E: Into<BoxError>,
    {
        self.callable(&function.into_function_name(), Callable::Plain(PlainFunction::new(handler)))
    }

    fn callable(mut self, name: &str, function: Callable) -> Self {
        self.functions.insert(FunctionName::split(name).name.to_owned(), function);
        self
    }

    /// Runs an execution with this input to its end.
    ///
    /// # Errors
    /// Returns an error if the service refuses to start the execution, if the execution does not end, or if the input
    /// cannot be serialized as JSON. A failed execution is not an error; see [`TestExecution::status`].
    pub async fn run<F, I, O, E>(&self, input: &impl Serialize) -> Result<TestExecution, TestError>
    where
        H: Fn(I, DurableContext) -> F + Send + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        self.start(input)?.finish().await
    }

    /// Starts an execution with this input, which the test then advances.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_testing::TestRunner;
    /// # use durable_core::types::ExecutionStatus;
    /// # async fn remind(name: String, ctx: DurableContext) -> Result<String> {
    /// #     ctx.wait("a-day", Duration::from_hours(24)).await?;
    /// #     Ok(name)
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), durable_testing::TestError> {
    /// let runner = TestRunner::new(remind);
    /// let mut execution = runner.start(&"Ada")?;
    ///
    /// execution.run_for(Duration::from_hours(23)).await?;
    ///
    /// assert_eq!(execution.status(), ExecutionStatus::Running);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns an error if the service refuses to start the execution, or if the input cannot be serialized as JSON.
    pub fn start<'r, F, I, O, E>(&'r self, input: &impl Serialize) -> Result<RunningExecution<'r>, TestError>
    where
        H: Fn(I, DurableContext) -> F + Send + Sync,
        F: Future<Output = Result<O, E>> + Send + 'r,
        I: DeserializeOwned + Send + 'r,
        O: Serialize + DeserializeOwned + Send + Sync + 'r,
        E: IntoError + 'r,
    {
        let request = StartRequest {
            function_arn: FUNCTION_ARN.to_owned(),
            function_name: FUNCTION_NAME.to_owned(),
            execution_name: Some("test".to_owned()),
            execution_id: EXECUTION_ID.to_owned(),
            input: Some(serde_json::to_string(input).map_err(TestError::Json)?),
            durable_config: self.config.clone(),
            synchronous: true,
            headers: InvocationHeaders {
                trace_header: self.trace_header.clone(),
                ..InvocationHeaders::default()
            },
            seed: Seed::default(),
        };
        let (settings, functions) = (self.settings.clone(), self.functions.descriptions());
        let world = World::start(request, settings, functions, self.disturbances.clone())?;
        let function = Box::new(Handler::new(&self.handler));
        Ok(RunningExecution::new(
            world,
            function,
            self.functions.clone(),
            (self.function_timeout, self.plugins.clone()),
        ))
    }
}
