//! `durable resume`: resumes a paused execution.

use std::process::ExitCode;

use clap::Args;
use durable_types::api::ResumeRequest;
use serde_json::json;
use uuid::Uuid;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Action, Client, ExecutionChoice, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Resumes a paused execution.
#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// The reason, for the history.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Prints the response of the service as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Resumes the execution.
pub(crate) fn resume(arguments: &ResumeArguments) -> Result<ExitCode, Failure> {
    let mut request = ResumeRequest::new(String::new());
    request.client_token = Some(Uuid::new_v4().to_string());
    request.reason.clone_from(&arguments.reason);
    let body = json!(request);
    let (arn, answer) = block_on(async {
        let client = Client::open(&arguments.service).await?;
        let arn = arguments.execution.find(&client).await?;
        let answer = client.act(&arn, Action::Resume, &body).await?;
        Ok((arn, answer))
    })?;
    if arguments.json {
        print_json(&answer)?
    } else {
        print(&format!("resumed {arn}\n"))?
    }
    Ok(Exit::Done.into())
}
