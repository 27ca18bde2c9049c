//! Finds an execution by ARN, name, or a unique prefix of its name or id.

use clap::Args;
use durable_types::DurableExecutionArn;
use durable_types::api::ExecutionSummary;
use durable_types::validate;

use super::api::ListQuery;
use super::client::Client;
use super::error::RemoteError;

/// The number of executions requested per page.
const PAGE: usize = 1_000;
/// The maximum number of executions listed in the error for an ambiguous prefix.
const NAMED: usize = 5;

/// The execution that a command acts on.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExecutionChoice {
    /// The execution, by ARN, name, or a unique prefix of its name or id.
    #[arg(value_name = "EXECUTION")]
    execution: String,

    /// Searches only the executions of this function. AWS requires it, unless an ARN is given.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
}

impl ExecutionChoice {
    /// Returns the ARN of the execution.
    pub(crate) async fn find(&self, client: &Client) -> Result<String, RemoteError> {
        client.find(&self.execution, self.function.as_deref()).await
    }
}

impl Client {
    /// Returns the ARN of the execution.
    pub(crate) async fn find(&self, text: &str, function: Option<&str>) -> Result<String, RemoteError> {
        if text.starts_with("arn:") || text.parse::<DurableExecutionArn>().is_ok() {
            return Ok(text.to_owned());
        }
        if self.is_aws() && function.is_none() {
            return Err(RemoteError::FunctionNeeded(text.to_owned()));
        }
        let query = ListQuery { function: function.map(str::to_owned), ..ListQuery::default() };
        if validate::execution_name(text).is_ok() {
            let named = ListQuery { name: Some(text.to_owned()), ..query.clone() };
            let named = self.list(&named).await?.durable_executions;
            if let Some(arn) = only(text, named)? {
                return Ok(arn);
            }
        }
        let begins = |it: &ExecutionSummary| {
            it.durable_execution_name.starts_with(text)
                || it.durable_execution_arn.rsplit('/').next().is_some_and(|id| id.starts_with(text))
        };
        let mut fitting = Vec::new();
        let prefix = (!self.is_aws()).then(|| text.to_owned());
        let mut page = ListQuery { max_items: Some(PAGE), prefix, ..query };
        loop {
            let listed = self.list(&page).await?;
            fitting.extend(listed.durable_executions.into_iter().filter(begins));
            page.marker = listed.next_marker;
            if page.marker.is_none() || fitting.len() > NAMED {
                return only(text, fitting)?.ok_or_else(|| RemoteError::NoExecution(text.to_owned()));
            }
        }
    }
}

/// Returns the only match, if there is one, or an error if there is more than one.
fn only(text: &str, fitting: Vec<ExecutionSummary>) -> Result<Option<String>, RemoteError> {
    let mut arns: Vec<String> = fitting.into_iter().map(|it| it.durable_execution_arn).collect();
    if arns.len() > 1 {
        arns.truncate(NAMED);
        return Err(RemoteError::Ambiguous { text: text.to_owned(), arns });
    }
    Ok(arns.pop())
}
