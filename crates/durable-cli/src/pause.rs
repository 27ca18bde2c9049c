//! `durable pause`: pauses an execution until it is resumed.

use std::process::ExitCode;

use clap::Args;
use durable_types::api::PauseRequest;
use serde_json::json;
use uuid::Uuid;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Action, Client, ExecutionChoice, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Pauses an execution until `durable resume`. A running invocation continues to its next checkpoint.
#[derive(Debug, Args)]
pub(crate) struct PauseArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// The reason, for the history.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Keeps the timeout of the execution running while it is paused.
    #[arg(long)]
    keep_timeout: bool,

    /// Prints the response of the service as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Pauses the execution.
pub(crate) fn pause(arguments: &PauseArguments) -> Result<ExitCode, Failure> {
    let mut request = PauseRequest::new(String::new());
    request.client_token = Some(Uuid::new_v4().to_string());
    request.reason.clone_from(&arguments.reason);
    request.execution_timeout_paused = arguments.keep_timeout.then_some(false);
    let body = json!(request);
    let (arn, answer) = block_on(async {
        let client = Client::open(&arguments.service).await?;
        let arn = arguments.execution.find(&client).await?;
        let answer = client.act(&arn, Action::Pause, &body).await?;
        Ok((arn, answer))
    })?;
    if arguments.json {
        print_json(&answer)?
    } else {
        print(&format!("paused {arn}\n"))?
    }
    Ok(Exit::Done.into())
}
