//! Starting an execution, or finding the one that has the name already.

use std::sync::Arc;

use durable_service::{InvocationHeaders, StartExecution, check_taken_name};
use durable_store_sqlite::ExecutionRow;
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableConfig, DurableExecutionArn, validate};
use tokio::sync::watch;
use uuid::Uuid;

use super::function::RunningFunction;
use super::state::{Service, function_not_found};
use crate::lane::{LaneFailure, Progress, Start, StartFailure, input_digest};
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

/// An execution that was started or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedExecution {
    /// Its ARN.
    pub arn: DurableExecutionArn,
    /// Whether it was there before.
    pub existed: bool,
}

impl Service {
    /// Starts an execution. A name that is taken by an execution with the same input gives that one; if it has not
    /// ended, it goes on.
    pub(crate) async fn start_execution(
        &self,
        start: ExecutionStart,
    ) -> Result<StartedExecution, ServiceError> {
        Ok(self.start_followed(start).await?.0)
    }

    /// The same, with what tells how a new execution goes on.
    pub(crate) async fn start_followed(
        &self,
        start: ExecutionStart,
    ) -> Result<(StartedExecution, Option<watch::Receiver<Progress>>), ServiceError> {
        if let Some(Err(violation)) = start.execution_name.as_deref().map(validate::execution_name) {
            return Err(ServiceError::invalid(violation.to_string()));
        }
        let endpoint = start.headers.endpoint.clone();
        let function = self.function(&start.function_name, &start.version, endpoint.as_deref())?;
        function.check_tenant(&start.headers)?;
        let digest = input_digest(start.input.as_deref());
        if let Some(name) = &start.execution_name
            && let Some(row) = self.named(&start.function_name, name).await?
        {
            return Ok((self.attach(&row, Some(&digest), endpoint.as_deref()).await?, None));
        }
        let execution_id = Uuid::new_v4().to_string();
        let name = start.execution_name.unwrap_or_else(|| Uuid::new_v4().to_string());
        let function_arn = self.function_arn(&start.function_name, &start.version);
        let arn = DurableExecutionArn::new(&function_arn, &name, &execution_id)
            .map_err(|error| ServiceError::invalid(error.to_string()))?;
        let request = StartExecution {
            execution_arn: arn.clone(),
            input: start.input,
            durable_config: merged(start.durable_config, &function.description.durable_config),
            synchronous: start.synchronous,
            headers: start.headers,
            seed: random::seed(),
        };
        match self.lanes.start(request, function).await {
            Ok(Start::Started(progress)) => Ok((StartedExecution { arn, existed: false }, progress)),
            // Somebody else took the name just now.
            Ok(Start::NameTaken) => match self.named(&start.function_name, &name).await? {
                Some(row) => Ok((self.attach(&row, Some(&digest), endpoint.as_deref()).await?, None)),
                None => {
                    let message = "The execution that had the name was deleted just now; try again.";
                    Err(ServiceError::new(ServiceErrorKind::Service, message))
                }
            },
            Err(StartFailure::Refused(error)) => Err(error),
            Err(StartFailure::Failed(failure)) => Err(failure.into()),
        }
    }

    /// The execution of this name, if there is one; if it has not ended, it goes on.
    pub(crate) async fn find_execution(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<StartedExecution>, ServiceError> {
        match self.named(function_name, execution_name).await? {
            Some(row) => self.attach(&row, None, None).await.map(Some),
            None => Ok(None),
        }
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

    /// The execution that has this name; one whose retention is over has it no more.
    async fn named(&self, function: &str, execution: &str) -> Result<Option<ExecutionRow>, ServiceError> {
        let row = self.store.execution_by_name(function, execution).await.map_err(LaneFailure::from)?;
        let Some(row) = row else { return Ok(None) };
        let is_expired = self.lanes.expire(&row).await?;
        Ok(Some(row).filter(|_| !is_expired))
    }

    async fn attach(
        &self,
        row: &ExecutionRow,
        input_digest: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<StartedExecution, ServiceError> {
        let arn: DurableExecutionArn = row.arn.parse().map_err(|_| {
            let message = format!("the record holds `{}` where an ARN belongs; it is damaged", row.arn);
            ServiceError::new(ServiceErrorKind::Service, message)
        })?;
        let has_same_input = input_digest.is_none_or(|digest| digest == row.input_digest);
        check_taken_name(&arn, &row.status, has_same_input)?;
        if row.ended_at.is_none() && self.lanes.live(&arn).is_none() {
            let recorded = self.lanes.endpoint(&arn).await?;
            let endpoint = endpoint.or(recorded.as_deref());
            let function = self.function(&row.function_name, &row.function_version, endpoint)?;
            self.lanes.resume(&arn, function);
        }
        Ok(StartedExecution { arn, existed: true })
    }
}

/// The settings of one execution: those that its start tells, and the others of the function.
fn merged(mut told: DurableConfig, own: &DurableConfig) -> DurableConfig {
    told.kms_key_arn = told.kms_key_arn.or_else(|| own.kms_key_arn.clone());
    told.retention_period_in_days = told.retention_period_in_days.or(own.retention_period_in_days);
    told.execution_timeout = told.execution_timeout.or(own.execution_timeout);
    told
}
