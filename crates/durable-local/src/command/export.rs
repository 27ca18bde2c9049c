//! `durable export`: writes everything about an execution to one file.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::bundle::Bundle;
use super::display::print_line;
use super::exit::Exit;
use super::failure::Failure;
use super::remote::{Client, ExecutionChoice, LogQuery, ReadOptions};
use super::session::{block_on, print};

/// Writes everything about an execution to one file, for a bug report: status, history, logs, and what is recorded.
///
/// It holds all inputs, results, errors and log lines. Look through it before you give it away.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// The file; the standard output by default.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    service: ReadOptions,
}

/// Writes the file.
pub(super) fn export(arguments: &ExportArguments) -> Result<ExitCode, Failure> {
    let text = block_on(ask(arguments))?.text()?;
    match &arguments.output {
        Some(file) => {
            fs::write(file, text).map_err(|error| Failure::File(file.clone(), error))?;
            let file = file.display();
            print_line(&format!("wrote {file}; it holds all data and logs of the execution"));
        }
        None => print(&text)?,
    }
    Ok(Exit::Done.into())
}

async fn ask(arguments: &ExportArguments) -> Result<Bundle, Failure> {
    let client = Client::open_to_read(&arguments.service).await?;
    let arn = arguments.execution.find(&client).await?;
    // First, so that what follows is no older.
    let record = if client.is_aws() { None } else { Some(client.record(&arn).await?) };
    let mut bundle = Bundle::new(client.execution(&arn).await?, client.history(&arn, true).await?);
    bundle.record = record;
    let mut query = LogQuery { execution: Some(arn), ..LogQuery::default() };
    loop {
        let page = client.logs(&query).await?;
        bundle.logs.extend(page.events);
        query.token = page.next_token;
        if query.token.is_none() {
            return Ok(bundle);
        }
    }
}
