//! `durable stop`: stops an execution.

use std::process::ExitCode;

use clap::Args;
use durable_types::{ErrorObject, ExecutionStatus};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{self, Action, Client, ExecutionChoice, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Stops an execution. Its status becomes STOPPED, and it never runs again.
#[derive(Debug, Args)]
pub(crate) struct StopArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// The message of its error.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Prints the response of the service as JSON.
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
        // Stopping an execution that has ended is not an error, but changes nothing.
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
