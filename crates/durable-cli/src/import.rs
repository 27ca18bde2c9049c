//! `durable import`: loads an exported execution into a local service, to inspect it there.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::export_file::ExportFile;
use crate::failure::Failure;
use crate::remote::{Client, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Loads an execution that `durable export` wrote into a local service, to inspect it there.
///
/// An imported execution never runs, even if it has not ended. `durable delete` removes it.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The file that `durable export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Prints the ARN of the execution as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Imports the execution.
pub(crate) fn import(arguments: &ImportArguments) -> Result<ExitCode, Failure> {
    if arguments.service.is_aws() {
        return Err(Failure::Usage(
            "AWS does not support imports; import the file into a local service".to_owned(),
        ));
    }
    let export = ExportFile::read(&arguments.file)?;
    let file = arguments.file.display();
    let Some(record) = export.record else {
        let problem =
            format!("`{file}` was exported from AWS and can only be viewed: durable show --from {file}");
        return Err(Failure::Usage(problem));
    };
    let answer = block_on(async {
        let client = Client::open(&arguments.service).await?;
        Ok(client.import(&json!({ "record": record, "logs": export.logs })).await?)
    })?;
    let arn = answer.get("DurableExecutionArn").and_then(Value::as_str).unwrap_or_default();
    if arguments.json {
        print_json(&answer)?
    } else {
        print(&format!("{arn}\n"))?
    }
    Ok(Exit::Done.into())
}
