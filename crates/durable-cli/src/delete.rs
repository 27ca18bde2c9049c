//! `durable delete`: deletes an execution that has ended.

use std::process::ExitCode;

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Client, ExecutionChoice, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Deletes an execution that has ended, with its history and payloads. Its name can be reused.
#[derive(Debug, Args)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// Prints the response of the service as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Deletes the execution.
pub(crate) fn delete(arguments: &DeleteArguments) -> Result<ExitCode, Failure> {
    let (arn, answer) = block_on(async {
        let client = Client::open(&arguments.service).await?;
        let arn = arguments.execution.find(&client).await?;
        let answer = client.delete(&arn).await?;
        Ok((arn, answer))
    })?;
    if arguments.json {
        print_json(&answer)?
    } else {
        print(&format!("deleted {arn}\n"))?
    }
    Ok(Exit::Done.into())
}
