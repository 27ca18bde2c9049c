//! Starts executions, or finds those that exist.

use durable_service::{ExecutionId, InvocationHeaders, StartRequest, StartedExecution};
use durable_types::DurableConfig;
use durable_types::api::ServiceError;
use tokio::sync::watch;
use uuid::Uuid;

use crate::host::Host;
use crate::progress::Progress;
use crate::random;
use crate::store::{StoreError, Unfinished, WakeUp};

/// A start of an execution.
#[derive(Clone, Debug)]
pub struct ExecutionStart {
    /// The function.
    pub function_name: String,
    /// The version of the function, `$LATEST` or a number.
    pub version: String,
    /// The name of the execution. Without one it gets a random name.
    pub execution_name: Option<String>,
    /// The input, as JSON.
    pub input: Option<String>,
    /// Whether the caller waits for the result; the limits on input and result are larger then.
    pub synchronous: bool,
    /// What the function receives besides the payload.
    pub headers: InvocationHeaders,
    /// Durable settings that replace those of the function where they are set.
    pub durable_config: DurableConfig,
}

impl ExecutionStart {
    /// A synchronous start of the latest version of a function, without a name and an input.
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

/// The progress of an execution from its start on: nothing that happens to it is missed.
#[derive(Debug)]
pub struct Followed(pub(crate) watch::Receiver<Progress>);

impl Host {
    /// Starts an execution, or finds the one with the same name and input, which is resumed unless it has ended.
    pub async fn start(&self, start: ExecutionStart) -> Result<StartedExecution, ServiceError> {
        Ok(self.start_followed(start).await?.0)
    }

    /// Does the same, and follows a new execution from its start.
    pub async fn start_followed(
        &self,
        start: ExecutionStart,
    ) -> Result<(StartedExecution, Option<Followed>), ServiceError> {
        let request = StartRequest {
            function_arn: self.account().function_arn(&start.function_name, &start.version),
            function_name: start.function_name,
            execution_name: start.execution_name,
            execution_id: Uuid::new_v4().to_string(),
            input: start.input,
            durable_config: start.durable_config,
            synchronous: start.synchronous,
            headers: start.headers,
            seed: random::seed(),
        };
        let progress = self.progress_of_start(&request.execution_id);
        let started = self.start_request(request).await?;
        let followed = (!started.existed).then_some(Followed(progress));
        Ok((started, followed))
    }

    /// Makes the unfinished executions of earlier processes continue. Those that wait for a time are not loaded before it.
    pub async fn resume_all(&self) -> Result<(), StoreError> {
        let unfinished = self.store().unfinished().await?;
        self.drive(|dispatcher, _| {
            for Unfinished { execution_id, wake_up } in unfinished {
                let id = ExecutionId::from(execution_id.as_str());
                match wake_up {
                    WakeUp::AtStart => dispatcher.resume(&id),
                    WakeUp::At(due) => dispatcher.resume_at(&id, due),
                    WakeUp::OnDemand => {}
                }
            }
        });
        Ok(())
    }
}
