//! Starts executions, and resumes unfinished ones.

use durable_service::{ExecutionId, InvocationHeaders, StartRequest, StartedExecution};
use durable_types::DurableConfig;
use durable_types::api::ServiceError;
use tokio::sync::watch;
use uuid::Uuid;

use crate::host::Host;
use crate::progress::Progress;
use crate::random;
use crate::store::{StoreError, Unfinished, WakeUp};

/// The parameters of a new execution.
#[derive(Clone, Debug)]
pub struct ExecutionStart {
    /// The name of the function.
    pub function_name: String,
    /// The version of the function, `$LATEST` or a number.
    pub version: String,
    /// The name of the execution. A random name is generated if it is `None`.
    pub execution_name: Option<String>,
    /// The input, as JSON.
    pub input: Option<String>,
    /// Whether the caller waits for the result, in which case larger limits apply to input and result.
    pub synchronous: bool,
    /// The headers that accompany the payload.
    pub headers: InvocationHeaders,
    /// Durable settings that override those of the function, field by field.
    pub durable_config: DurableConfig,
}

impl ExecutionStart {
    /// Creates a synchronous start of the function's latest version, without a name and an input.
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

/// The progress of an execution since its start, so that no change is missed.
#[derive(Debug)]
pub struct Followed(pub(crate) watch::Receiver<Progress>);

impl Host {
    /// Starts an execution, or finds the one with the same name and input, which is resumed unless it has ended.
    pub async fn start(&self, start: ExecutionStart) -> Result<StartedExecution, ServiceError> {
        Ok(self.start_followed(start).await?.0)
    }

    /// Does the same, and also returns the progress of a new execution from its start.
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

    /// Resumes the unfinished executions of earlier processes. Those that wait for a point in time are not loaded
    /// before it.
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
