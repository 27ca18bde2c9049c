//! Starting an execution, or finding the one that has the name already.

use std::sync::Arc;

use durable_service::{ExecutionName, InvocationHeaders, StartRequest, StartedExecution};
use durable_types::DurableConfig;
use durable_types::api::ServiceError;
use tokio::sync::watch;
use uuid::Uuid;

use super::function::RunningFunction;
use super::state::{Service, function_not_found};
use crate::host::Progress;
use crate::random;

/// What an execution is started with.
#[derive(Clone)]
pub struct ExecutionStart {
    /// The function.
    pub function_name: String,
    /// The version of the function, `$LATEST` or a number. Here all are the same code.
    pub version: String,
    /// The name of the execution; none: it gets one of its own.
    pub execution_name: Option<String>,
    /// The input, as JSON.
    pub input: Option<String>,
    /// Whether the caller waits for the result; input and result may then be larger.
    pub synchronous: bool,
    /// What every invocation is made with besides its payload.
    pub headers: InvocationHeaders,
    /// Durable settings that count instead of those of the function, as far as they are set.
    pub durable_config: DurableConfig,
}

impl ExecutionStart {
    /// The latest version of a function, without a name and an input, waited for.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self {
            function_name: function_name.into(),
            version: "$LATEST".to_owned(),
            execution_name: None,
            input: None,
            synchronous: true,
            headers: InvocationHeaders::default(),
            durable_config: DurableConfig::default(),
        }
    }
}

impl Service {
    /// Starts an execution. A name that is taken by an execution with the same input gives that one, which is resumed
    /// unless it has ended.
    pub(crate) async fn start_execution(
        &self,
        start: ExecutionStart,
    ) -> Result<StartedExecution, ServiceError> {
        Ok(self.start_followed(start).await?.0)
    }

    /// The same, and watches a new execution from its start.
    pub(crate) async fn start_followed(
        &self,
        start: ExecutionStart,
    ) -> Result<(StartedExecution, Option<watch::Receiver<Progress>>), ServiceError> {
        let request = StartRequest {
            function_arn: self.function_arn(&start.function_name, &start.version),
            function_name: start.function_name,
            execution_name: start.execution_name,
            execution_id: Uuid::new_v4().to_string(),
            input: start.input,
            durable_config: start.durable_config,
            synchronous: start.synchronous,
            headers: start.headers,
            seed: random::seed(),
        };
        let progress = self.host.watch_start(&request.execution_id);
        let started = self.host.start(request).await?;
        let progress = (!started.existed).then_some(progress);
        Ok((started, progress))
    }

    /// The execution of this name, if there is one, which is resumed unless it has ended.
    pub(crate) async fn find_execution(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<StartedExecution>, ServiceError> {
        let (function, execution) = (function_name.to_owned(), execution_name.to_owned());
        self.host.find(&ExecutionName { function, execution }).await
    }

    /// A function by its name, or by the address that is told of one that is not known by name.
    pub(crate) fn function(
        &self,
        name: &str,
        version: &str,
        endpoint: Option<&str>,
    ) -> Result<Arc<RunningFunction>, ServiceError> {
        self.functions
            .find_at(name, endpoint)
            .ok_or_else(|| function_not_found(&self.function_arn(name, version)))
    }
}
