//! `durable stop`: ends an execution where it is.

use std::process::ExitCode;

use clap::Args;
use durable_types::{ErrorObject, ExecutionStatus};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{self, Action, Client, ExecutionChoice, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Stops an execution: it ends as STOPPED, and nothing of it runs again.
#[derive(Debug, Args)]
pub(crate) struct StopArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// Why, as its error tells from then on.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Prints what the service answers, as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Stops the execution.
pub(crate) fn stop(arguments: &StopArguments) -> Result<ExitCode, Failure> {
    let body = arguments.reason.as_ref().map_or(Value::Null, |reason| {
        let mut error = ErrorObject::default();
        error.error_message = Some(reason.clone());
        json!(error)
    });
    let (arn, answer, status) = block_on(async {
        let client = Client::open(&arguments.service).await?;
        let arn = arguments.execution.find(&client).await?;
        let answer = client.act(&arn, Action::Stop, &body).await?;
        // Stopping what has ended already is no error, but it changes nothing either.
        let status = remote::execution(&client.execution(&arn).await?)?.status;
        Ok((arn, answer, status))
    })?;
    match (arguments.json, status) {
        (true, _) => print_json(&answer)?,
        (false, ExecutionStatus::Stopped) => print(&format!("stopped {arn}\n"))?,
        (false, status) => print(&format!("{arn} is {status} already\n"))?,
    }
    Ok(Exit::Done.into())
}
