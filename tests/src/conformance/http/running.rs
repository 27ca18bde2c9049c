//! An execution of the local service, reached over HTTP.

use std::time::Duration;

use bytes::Bytes;
use durable_types::api::{DURABLE_EXECUTION_ARN_HEADER, INVOCATION_TYPE_HEADER};
use hyper::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::service::Service;
use crate::conformance::failure::Failure;
use crate::conformance::logs::LogRecord;
use crate::conformance::requirement::Requirement;
use crate::conformance::stage::{OnStage, Sent, Standing};
use crate::serving::segment;

/// How often it is asked whether an execution has ended.
const END_INTERVAL: Duration = Duration::from_millis(100);

/// How long a line may take from a function to the harness.
const LOG_DELAY: Duration = Duration::from_millis(500);

/// An execution of the local service.
pub(crate) struct OverHttp<'s> {
    service: &'s Service,
    client: Client,
    arn: String,
}

impl<'s> OverHttp<'s> {
    /// An execution of the service that this client reaches.
    pub(crate) fn new(service: &'s Service, client: Client, arn: String) -> Self {
        Self { service, client, arn }
    }

    /// Invokes a function as a requirement says; unless that is asynchronous, it takes as long as it takes.
    pub(crate) async fn start(
        function_name: &str,
        requirement: &Requirement,
        input: &Value,
        service: &'s Service,
    ) -> Result<Self, Failure> {
        let client = service.client();
        let path =
            format!("/2015-03-31/functions/{}/invocations?Qualifier=%24LATEST", segment(function_name));
        let invocation_type = if requirement.async_invoke { "Event" } else { "RequestResponse" };
        let headers = [(INVOCATION_TYPE_HEADER, invocation_type)];
        let response = client.send(Method::POST, &path, &headers, input.to_string()).await?;
        let arn = response.headers().get(DURABLE_EXECUTION_ARN_HEADER).and_then(|arn| arn.to_str().ok());
        let arn = arn.ok_or_else(|| Failure::new("Invoke did not answer with the ARN of an execution"))?;
        Ok(Self::new(service, client, arn.to_owned()))
    }

    fn path(&self, rest: &str) -> String {
        format!("/2025-12-01/durable-executions/{}{rest}", segment(&self.arn))
    }
}

impl OnStage for OverHttp<'_> {
    fn arn(&self) -> String {
        self.arn.clone()
    }

    async fn end(&mut self) -> Result<(), Failure> {
        while self.standing().await?.status == "RUNNING" {
            tokio::time::sleep(END_INTERVAL).await;
        }
        Ok(())
    }

    async fn pass(&mut self, duration: Duration) -> Result<(), Failure> {
        tokio::time::sleep(duration).await;
        Ok(())
    }

    async fn history(&mut self) -> Result<Vec<Value>, Failure> {
        let history = self.client.read(&self.path("/history?IncludeExecutionData=true")).await?;
        match history.get("Events") {
            Some(Value::Array(events)) => Ok(events.clone()),
            _ => Err(Failure::new("the history has no Events")),
        }
    }

    async fn send(&mut self, callback_id: &str, sent: Sent) -> Result<(), Failure> {
        let (word, body) = match sent {
            Sent::Success(payload) => ("succeed", payload.unwrap_or_default()),
            Sent::Failure { error_type, message } => {
                ("fail", json!({"ErrorType": error_type, "ErrorMessage": message}).to_string())
            }
            Sent::Heartbeat => ("heartbeat", String::new()),
        };
        let path = format!("/2025-12-01/durable-execution-callbacks/{}/{word}", segment(callback_id));
        self.client.send(Method::POST, &path, &[], Bytes::from(body)).await.map(drop)
    }

    async fn standing(&mut self) -> Result<Standing, Failure> {
        let execution = self.client.read(&self.path("")).await?;
        let member = |key: &str| execution.get(key).and_then(Value::as_str).map(str::to_owned);
        let status = member("Status").ok_or_else(|| Failure::new("the execution has no Status"))?;
        Ok(Standing { status, result: member("Result"), error: execution.get("Error").cloned() })
    }

    async fn logs(&mut self) -> Result<Vec<LogRecord>, Failure> {
        tokio::time::sleep(LOG_DELAY).await;
        Ok(self.service.logs(&self.arn))
    }
}
